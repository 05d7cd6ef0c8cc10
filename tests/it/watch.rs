//! `build-report watch` as a process: what it says as files change under it.

use crate::support::{program, run, stderr, stdout};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The longest that anything is waited for; a slow machine needs seconds, a hanging test for ever.
const PATIENCE: u32 = 120;

/// A watching process; it ends with the test.
struct Watching {
    child: Child,
    said: Arc<Mutex<String>>,
    /// How much of what it said was looked at.
    heard: usize,
}

impl Watching {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = program(folder);
        command.arg("watch").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { child, said, heard: 0 }
    }

    /// Waits until it says something after what was heard so far.
    fn hear(&mut self, expected: &str) {
        for _ in 0..PATIENCE * 20 {
            let said = self.said.lock().unwrap().clone();
            if let Some(at) = said[self.heard..].find(expected) {
                self.heard += at + expected.len();
                return;
            }
            assert_eq!(self.child.try_wait().unwrap(), None, "it ended: {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("`{expected}` is not said:\n{}", self.said.lock().unwrap());
    }

    /// Interrupts it: the exit code, and what it printed.
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        let mut printed = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        (code, printed)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // over already where the test went well
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn messages_come_and_go(arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(stdout(&run(folder.path(), &["init", "review"])), "review\n");
    let spec = folder.path().join("review/nausea.yaml");
    let sound = fs::read_to_string(&spec).unwrap();
    let mut watching = Watching::start(folder.path(), arguments);
    watching.hear("review 0.1: new");
    watching.hear("Ctrl-C ends");

    fs::write(&spec, sound.replace("filter:", "filtre:")).unwrap();
    watching.hear("error[E0203]: unknown key `filtre`");
    watching.hear("did you mean `filter`?");
    watching.hear("1 error in `");

    // an editor that has written half of the file
    fs::write(&spec, "id: nausea\ntitle: \"Nau").unwrap();
    watching.hear("error[E0201]");
    watching.hear("gone: error[E0203]");

    fs::write(&spec, &sound).unwrap();
    watching.hear("gone: error[E0201]");
    watching.hear("no messages in `");

    let data = folder.path().join("review/data.csv");
    let rows = fs::read_to_string(&data).unwrap();
    fs::write(&data, rows.replace("2011,nausea,12,", "2011,nausea,13,")).unwrap();
    watching.hear("review 0.1: built again");
    watching.hear("data.csv row 2 changed");

    // a review that was not there at the start
    assert_eq!(stdout(&run(folder.path(), &["init", "later", "--kind", "table"])), "later\n");
    watching.hear("later 0.1: new");
    // building was no change, and what is kept is no review
    let said = watching.said.lock().unwrap().clone();
    assert_eq!(said.matches("review 0.1: new").count(), 1, "{said}");
    assert_eq!(said.matches("nothing changed").count(), 1, "{said}");
    assert!(!said.contains("inputs"), "{said}");

    // two reviews of one id would overwrite each other
    let spec = folder.path().join("later/review.yaml");
    let own = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, own.replace("id: \"later\"", "id: \"review\"")).unwrap();
    watching.hear("error[E0207]: ");
    watching.hear("are both the review `review`, and would overwrite each other");
    fs::write(&spec, &own).unwrap();
    watching.hear("gone: error[E0207]");

    // a folder that goes and comes back is still watched
    let later = folder.path().join("later");
    fs::remove_dir_all(&later).unwrap();
    watching.hear("later` is gone");
    run(folder.path(), &["init", "later", "--kind", "table"]);
    watching.hear("later 0.1: ");
    let spec = later.join("studies.yaml");
    fs::write(&spec, fs::read_to_string(&spec).unwrap().replace("sort:", "sorte:")).unwrap();
    watching.hear("unknown key `sorte`");

    let (code, printed) = watching.stop();
    assert_eq!(code, Some(0));
    assert!(printed.contains("output/review/0.1\n"), "{printed}");
    assert!(folder.path().join("output/later/0.1/report.pdf").exists());
}

#[test]
fn messages_come_and_go_as_the_system_tells() {
    messages_come_and_go(&[]);
}

#[test]
fn messages_come_and_go_where_files_are_looked_at() {
    messages_come_and_go(&["--poll", "."]);
}

#[test]
fn what_is_not_there_is_not_watched() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["watch", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot watch: `nowhere`"), "{}", stderr(&output));
}
