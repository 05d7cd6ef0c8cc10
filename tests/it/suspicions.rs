//! Warnings about data that can be read and are hardly meant so.

use crate::support::{run, stderr};
use std::fs;

/// What `check` says about a review of one analysis.
fn checked(analysis: &str, table: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("review.yaml", "id: sample\nversion: \"1\"\ntitle: A sample\n");
    write("a.yaml", &format!("id: a\ntitle: A\ndata: a.csv\n{analysis}"));
    write("a.csv", table);
    let output = run(folder.path(), &["check", "."]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let is_suspicious = told.contains("warning[");
    let strict = run(folder.path(), &["check", ".", "--strict"]);
    assert_eq!(strict.status.code(), Some(i32::from(is_suspicious)), "{told}");
    told
}

/// The titles of the messages of a code.
fn titles<'a>(told: &'a str, code: &str) -> Vec<&'a str> {
    let start = format!("warning[{code}]: ");
    told.lines().filter_map(|line| line.strip_prefix(&start)).collect()
}

const MEANS: &str = "kind: continuous\ncolumns: {study: study, mean1: m1, sd1: s1, n1: n1, mean2: m2, sd2: s2, n2: n2}\n";

#[test]
fn standard_deviations_far_from_the_others_are_told() {
    let table = "study,m1,s1,n1,m2,s2,n2\nA,50,12,20,51,11,20\nB,52,144,20,50,13,20\n\
                 C,49,1.1,20,50,12,20\nD,50,0,20,51,10,1\nE,50,12,20,51,120,20\n";
    let told = checked(&format!("{MEANS}measure: MD\n"), table);
    assert_eq!(
        titles(&told, "E0320"),
        [
            "the standard deviation is more than 10 times the median of the analysis",
            "the standard deviation is less than a tenth of the median of the analysis",
            "the standard deviation of 20 participants is 0",
        ],
        "{told}"
    );
    assert!(told.contains("a.csv:3:6") && told.contains("column `s1`, row 2"), "{told}");
}

/// Each study of a standardised difference has a unit of its own; a ratio of means has none.
#[test]
fn units_are_respected() {
    let table = "study,m1,s1,n1,m2,s2,n2\nA,5,1.2,20,5.1,1.1,20\nB,520,120,20,500,130,20\n\
                 C,49,11,20,50,12,20\nD,4.9,1.3,20,5,13,20\n";
    let told = checked(&format!("{MEANS}measure: SMD\n"), table);
    let other = "the standard deviation is more than 10 times the other group's";
    assert_eq!(titles(&told, "E0320"), [] as [&str; 0], "{told}");
    let far = table.replace("5,13,20", "5,13.1,20");
    let told = checked(&format!("{MEANS}measure: SMD\n"), &far);
    assert_eq!(titles(&told, "E0320"), [other], "{told}");
    let told = checked(&format!("{MEANS}measure: ROM\n"), &far);
    let of_all = "the standard deviation is more than 10 times the median of the analysis";
    assert_eq!(titles(&told, "E0320"), [of_all], "{told}");
}

const COUNTS: &str = "kind: binary\nmeasure: OR\ncolumns: {study: study, events1: e1, total1: n1, events2: e2, total2: n2}\n";

#[test]
fn names_that_look_alike_are_told() {
    let table = "study,e1,n1,e2,n2,dose\nA,1,20,2,20,low\nB,2,20,3,20,Low\nC,3,20,2,20,ｌｏｗ\n\
                 D,1,20,2,20,high\nE,1,20,2,20,n.r.\nF,1,20,2,20,NA\n";
    let told = checked(&format!("{COUNTS}subgroups: dose\n"), table);
    assert_eq!(
        titles(&told, "E0318"),
        [
            "`low` and `Low` are each read as the name of a subgroup",
            "`low` and `ｌｏｗ` are each read as the name of a subgroup"
        ],
        "{told}"
    );
    assert_eq!(
        titles(&told, "E0319"),
        ["`n.r.` is read as the name of a subgroup", "`NA` is read as the name of a subgroup"],
        "{told}"
    );
    assert!(told.contains("`low`, row 1") && told.contains("column `dose`, row 3"), "{told}");
    let told = checked(&format!("{COUNTS}moderators: [dose]\n"), table);
    assert_eq!(titles(&told, "E0318").len(), 2, "{told}");
    assert_eq!(titles(&told, "E0319"), ["`n.r.` is read as the name of a level"], "{told}");
}

/// Two spellings of a trial would hide that its control group is counted twice.
#[test]
fn a_trial_has_one_spelling() {
    let table = "study,e1,n1,e2,n2,trial\nA,1,20,2,20,ADAPT\nB,2,20,2,20,Adapt\n";
    let spec = COUNTS.replace("{study: study", "{study: study, trial: trial");
    let told = checked(&spec, table);
    let expected = "`ADAPT` and `Adapt` are each read as the name of a trial";
    assert_eq!(titles(&told, "E0318"), [expected], "{told}");
}

#[test]
fn events_and_groups_of_patients_have_one_spelling_each() {
    let events = "study,class,event,e1,n1,e2,n2\nA,Infections,Sepsis,1,20,2,20\n\
                  B,infections,sepsis,1,20,2,20\nA,Infections,-,3,20,2,20\n";
    let told = checked(
        "kind: adverse-events\ncolumns: {study: study, category: class, event: event, events1: e1, total1: n1, events2: e2, total2: n2}\n",
        events,
    );
    assert_eq!(
        titles(&told, "E0318"),
        [
            "`Infections` and `infections` are each read as the name of a class",
            "`Sepsis` and `sepsis` are each read as the name of a term"
        ],
        "{told}"
    );
    assert_eq!(titles(&told, "E0319"), ["`-` is read as the name of a term"], "{told}");
    let patients = "time,event,arm\n3,1,MSC\n4,0,MSC\n5,1,control\n6,1,Control\n";
    let told = checked(
        "kind: survival\ncolumns: {time: time, event: event, group: arm}\nsurvival: {unit: weeks}\n",
        patients,
    );
    assert_eq!(
        titles(&told, "E0318"),
        ["`control` and `Control` are each read as the name of a group"],
        "{told}"
    );
}
