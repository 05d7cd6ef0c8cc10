//! Templates and fonts: those inside the program, or a folder's in their place.

use super::own::Own;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// Templates and fonts by their path below `templates/`.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    files: BTreeMap<String, Cow<'static, [u8]>>,
    /// Those that are not inside the program.
    pub(super) own: BTreeMap<String, Own>,
}

macro_rules! inside {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_bytes!(concat!("../../templates/", $path)) as &'static [u8])),*]
    };
}

impl Assets {
    /// The templates and fonts inside the program.
    #[must_use]
    pub fn embedded() -> Self {
        let files = inside![
            "changes/changes.html.jinja",
            "changes/changes.md.jinja",
            "changes/changes.txt.jinja",
            "changes/changes.typ.jinja",
            "changes/item.txt.jinja",
            "changes/labels-en.yaml",
            "changes/labels-zh-Hans.yaml",
            "changes/labels-zh-Hant.yaml",
            "changes/living.md.jinja",
            "changes/schema.json",
            "changes/words-en.jinja",
            "changes/words-zh-Hans.jinja",
            "changes/words-zh-Hant.jinja",
            "consistency/en.yaml",
            "consistency/messages/en.yaml",
            "consistency/messages/zh-Hans.yaml",
            "consistency/messages/zh-Hant.yaml",
            "consistency/zh.yaml",
            "explain/en.yaml",
            "figures.typ.jinja",
            "figures/baujat.typ",
            "figures/bias_bars.typ.jinja",
            "figures/bias_table.typ.jinja",
            "figures/bubble.typ",
            "figures/curves.typ.jinja",
            "figures/flow.typ.jinja",
            "figures/forest.typ",
            "figures/funnel.typ",
            "figures/influence_panel.typ",
            "figures/labbe.typ",
            "figures/of_analysis.typ.jinja",
            "figures/overview.typ.jinja",
            "figures/overlay.typ",
            "figures/plot.typ",
            "figures/prisma.typ",
            "figures/radial.typ",
            "figures/risk_of_bias.typ",
            "figures/rows.typ",
            "figures/sequential.typ",
            "figures/study.typ.jinja",
            "figures/survival_curves.typ",
            "fonts/DejaVuSansMono.ttf",
            "fonts/Inter-Italic.otf",
            "fonts/Inter-Regular.otf",
            "fonts/Inter-SemiBold.otf",
            "fonts/LibertinusSerif-Bold.otf",
            "fonts/LibertinusSerif-BoldItalic.otf",
            "fonts/LibertinusSerif-Italic.otf",
            "fonts/LibertinusSerif-Regular.otf",
            "fonts/NotoSansCJKsc-Bold.otf",
            "fonts/NotoSansCJKsc-Regular.otf",
            "fonts/NotoSansCJKtc-Bold.otf",
            "fonts/NotoSansCJKtc-Regular.otf",
            "fonts/NotoSerifCJKsc-Regular.otf",
            "fonts/NotoSerifCJKtc-Regular.otf",
            "labels/en.yaml",
            "labels/zh-Hans.yaml",
            "labels/zh-Hant.yaml",
            "preamble.typ.jinja",
            "prose/en/appendix.typ.jinja",
            "prose/en/asked-caption.typ.jinja",
            "prose/en/asked-note.typ.jinja",
            "prose/en/choice.typ.jinja",
            "prose/en/claim.typ.jinja",
            "prose/en/consistency.typ.jinja",
            "prose/en/curves-alt.typ.jinja",
            "prose/en/curves-caption.typ.jinja",
            "prose/en/described-notes.typ.jinja",
            "prose/en/diagnostics.typ.jinja",
            "prose/en/figure-alt.typ.jinja",
            "prose/en/figure-caption.typ.jinja",
            "prose/en/figures-missing.typ.jinja",
            "prose/en/findings-caption.typ.jinja",
            "prose/en/findings-notes.typ.jinja",
            "prose/en/flow-alt.typ.jinja",
            "prose/en/flow-caption.typ.jinja",
            "prose/en/flow.typ.jinja",
            "prose/en/forest-alt.typ.jinja",
            "prose/en/forest-caption.typ.jinja",
            "prose/en/methods.typ.jinja",
            "prose/en/models-caption.typ.jinja",
            "prose/en/models-same.typ.jinja",
            "prose/en/narrative.typ.jinja",
            "prose/en/overview-alt.typ.jinja",
            "prose/en/overview-caption.typ.jinja",
            "prose/en/overview.typ.jinja",
            "prose/en/protocol.typ.jinja",
            "prose/en/regression-caption.typ.jinja",
            "prose/en/regression.typ.jinja",
            "prose/en/result.typ.jinja",
            "prose/en/results-table-notes.typ.jinja",
            "prose/en/risk-of-bias-alt.typ.jinja",
            "prose/en/risk-of-bias-caption.typ.jinja",
            "prose/en/risk-of-bias-summary-alt.typ.jinja",
            "prose/en/risk-of-bias-summary-caption.typ.jinja",
            "prose/en/risk-of-bias.typ.jinja",
            "prose/en/study-caption.typ.jinja",
            "prose/en/study-notes.typ.jinja",
            "prose/en/subgroups-caption.typ.jinja",
            "prose/en/survival-caption.typ.jinja",
            "prose/en/survival.typ.jinja",
            "prose/en/table-caption.typ.jinja",
            "prose/en/table-notes.typ.jinja",
            "prose/en/verdict.typ.jinja",
            "prose/zh-Hans/appendix.typ.jinja",
            "prose/zh-Hans/asked-caption.typ.jinja",
            "prose/zh-Hans/asked-note.typ.jinja",
            "prose/zh-Hans/choice.typ.jinja",
            "prose/zh-Hans/claim.typ.jinja",
            "prose/zh-Hans/consistency.typ.jinja",
            "prose/zh-Hans/curves-alt.typ.jinja",
            "prose/zh-Hans/curves-caption.typ.jinja",
            "prose/zh-Hans/described-notes.typ.jinja",
            "prose/zh-Hans/diagnostics.typ.jinja",
            "prose/zh-Hans/figure-alt.typ.jinja",
            "prose/zh-Hans/figure-caption.typ.jinja",
            "prose/zh-Hans/figures-missing.typ.jinja",
            "prose/zh-Hans/findings-caption.typ.jinja",
            "prose/zh-Hans/findings-notes.typ.jinja",
            "prose/zh-Hans/flow-alt.typ.jinja",
            "prose/zh-Hans/flow-caption.typ.jinja",
            "prose/zh-Hans/flow.typ.jinja",
            "prose/zh-Hans/forest-alt.typ.jinja",
            "prose/zh-Hans/forest-caption.typ.jinja",
            "prose/zh-Hans/methods.typ.jinja",
            "prose/zh-Hans/models-caption.typ.jinja",
            "prose/zh-Hans/models-same.typ.jinja",
            "prose/zh-Hans/narrative.typ.jinja",
            "prose/zh-Hans/overview-alt.typ.jinja",
            "prose/zh-Hans/overview-caption.typ.jinja",
            "prose/zh-Hans/overview.typ.jinja",
            "prose/zh-Hans/protocol.typ.jinja",
            "prose/zh-Hans/regression-caption.typ.jinja",
            "prose/zh-Hans/regression.typ.jinja",
            "prose/zh-Hans/result.typ.jinja",
            "prose/zh-Hans/results-table-notes.typ.jinja",
            "prose/zh-Hans/risk-of-bias-alt.typ.jinja",
            "prose/zh-Hans/risk-of-bias-caption.typ.jinja",
            "prose/zh-Hans/risk-of-bias-summary-alt.typ.jinja",
            "prose/zh-Hans/risk-of-bias-summary-caption.typ.jinja",
            "prose/zh-Hans/risk-of-bias.typ.jinja",
            "prose/zh-Hans/study-caption.typ.jinja",
            "prose/zh-Hans/study-notes.typ.jinja",
            "prose/zh-Hans/subgroups-caption.typ.jinja",
            "prose/zh-Hans/survival-caption.typ.jinja",
            "prose/zh-Hans/survival.typ.jinja",
            "prose/zh-Hans/table-caption.typ.jinja",
            "prose/zh-Hans/table-notes.typ.jinja",
            "prose/zh-Hans/verdict.typ.jinja",
            "prose/zh-Hant/appendix.typ.jinja",
            "prose/zh-Hant/asked-caption.typ.jinja",
            "prose/zh-Hant/asked-note.typ.jinja",
            "prose/zh-Hant/choice.typ.jinja",
            "prose/zh-Hant/claim.typ.jinja",
            "prose/zh-Hant/consistency.typ.jinja",
            "prose/zh-Hant/curves-alt.typ.jinja",
            "prose/zh-Hant/curves-caption.typ.jinja",
            "prose/zh-Hant/described-notes.typ.jinja",
            "prose/zh-Hant/diagnostics.typ.jinja",
            "prose/zh-Hant/figure-alt.typ.jinja",
            "prose/zh-Hant/figure-caption.typ.jinja",
            "prose/zh-Hant/figures-missing.typ.jinja",
            "prose/zh-Hant/findings-caption.typ.jinja",
            "prose/zh-Hant/findings-notes.typ.jinja",
            "prose/zh-Hant/flow-alt.typ.jinja",
            "prose/zh-Hant/flow-caption.typ.jinja",
            "prose/zh-Hant/flow.typ.jinja",
            "prose/zh-Hant/forest-alt.typ.jinja",
            "prose/zh-Hant/forest-caption.typ.jinja",
            "prose/zh-Hant/methods.typ.jinja",
            "prose/zh-Hant/models-caption.typ.jinja",
            "prose/zh-Hant/models-same.typ.jinja",
            "prose/zh-Hant/narrative.typ.jinja",
            "prose/zh-Hant/overview-alt.typ.jinja",
            "prose/zh-Hant/overview-caption.typ.jinja",
            "prose/zh-Hant/overview.typ.jinja",
            "prose/zh-Hant/protocol.typ.jinja",
            "prose/zh-Hant/regression-caption.typ.jinja",
            "prose/zh-Hant/regression.typ.jinja",
            "prose/zh-Hant/result.typ.jinja",
            "prose/zh-Hant/results-table-notes.typ.jinja",
            "prose/zh-Hant/risk-of-bias-alt.typ.jinja",
            "prose/zh-Hant/risk-of-bias-caption.typ.jinja",
            "prose/zh-Hant/risk-of-bias-summary-alt.typ.jinja",
            "prose/zh-Hant/risk-of-bias-summary-caption.typ.jinja",
            "prose/zh-Hant/risk-of-bias.typ.jinja",
            "prose/zh-Hant/study-caption.typ.jinja",
            "prose/zh-Hant/study-notes.typ.jinja",
            "prose/zh-Hant/subgroups-caption.typ.jinja",
            "prose/zh-Hant/survival-caption.typ.jinja",
            "prose/zh-Hant/survival.typ.jinja",
            "prose/zh-Hant/table-caption.typ.jinja",
            "prose/zh-Hant/table-notes.typ.jinja",
            "prose/zh-Hant/verdict.typ.jinja",
            "references/methods.yaml",
            "report.typ.jinja",
            "sections/analysis.typ.jinja",
            "sections/appendix.typ.jinja",
            "sections/chapter.typ.jinja",
            "sections/characteristics.typ.jinja",
            "sections/consistency.typ.jinja",
            "sections/described.typ.jinja",
            "sections/evidence.typ.jinja",
            "sections/figures.typ.jinja",
            "sections/findings.typ.jinja",
            "sections/front.typ.jinja",
            "sections/methods.typ.jinja",
            "sections/overview.typ.jinja",
            "sections/protocol.typ.jinja",
            "sections/references.typ.jinja",
            "sections/results_table.typ.jinja",
            "sections/survival.typ.jinja",
            "sections/table.typ.jinja",
            "sections/tables/asked.typ.jinja",
            "sections/tables/grid.typ.jinja",
            "sections/tables/models.typ.jinja",
            "sections/tables/regression.typ.jinja",
            "sections/tables/studies.typ.jinja",
            "sections/tables/subgroups.typ.jinja",
            "style.typ",
            "styles/bmj.yaml",
            "styles/cma-zh.yaml",
            "styles/jama.yaml",
            "styles/lancet.yaml",
            "styles/major.yaml",
            "styles/revman.yaml",
            "typefaces.typ.jinja",
        ];
        let entry = |(path, bytes): (&str, &'static [u8])| (path.to_owned(), Cow::Borrowed(bytes));
        Self { files: files.into_iter().map(entry).collect(), own: BTreeMap::new() }
    }

    /// The same with the `files` of a folder in place of those of the same path, and beside the
    /// others.
    #[must_use]
    pub fn replaced_by(mut self, folder: &Path, files: BTreeMap<String, Vec<u8>>) -> Self {
        for path in files.keys() {
            let before = self.own.get(path).map(|own| own.stands_in);
            let stands_in = before.unwrap_or_else(|| self.files.contains_key(path));
            self.own.insert(path.clone(), Own { file: folder.join(path), stands_in });
        }
        self.files.extend(files.into_iter().map(|(path, bytes)| (path, Cow::Owned(bytes))));
        self
    }

    /// All files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }

    /// Whether a file is the one inside the program, and no other is in its place.
    #[must_use]
    pub fn is_inside(&self, path: &str) -> bool {
        matches!(self.files.get(path), Some(Cow::Borrowed(_)))
    }

    /// The SHA-256 of a file inside the program, made when the program was; `None` of all others.
    #[must_use]
    pub fn known_hash(&self, path: &str) -> Option<&'static str> {
        const HASHES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/asset_hashes.rs"));
        if !self.is_inside(path) {
            return None;
        }
        let index = HASHES.binary_search_by_key(&path, |(path, _)| path).ok()?;
        Some(HASHES[index].1)
    }

    /// The bytes of a file, if there is one.
    pub(super) fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// The text of a file; `None` where there is none, or it is not UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?).ok()
    }

    /// The names of the house styles.
    pub fn styles(&self) -> impl Iterator<Item = &str> {
        self.files.keys().filter_map(|path| path.strip_prefix("styles/")?.strip_suffix(".yaml"))
    }

    /// Whether any of the fonts is not one inside the program.
    #[must_use]
    pub fn has_own_fonts(&self) -> bool {
        self.fonts().any(|(_, bytes)| matches!(bytes, Cow::Owned(_)))
    }

    /// The font files, by path.
    pub fn fonts(&self) -> impl Iterator<Item = (&str, &Cow<'static, [u8]>)> {
        self.files
            .iter()
            .filter(|(path, _)| {
                path.starts_with("fonts/") && (path.ends_with(".otf") || path.ends_with(".ttf"))
            })
            .map(|(path, bytes)| (path.as_str(), bytes))
    }
}
