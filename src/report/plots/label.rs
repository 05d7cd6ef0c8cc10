//! Labels of points in scatter plots: lines of estimated width, placed so that they cover neither
//! each other nor a point.

use super::scale::tidy;
use serde::Serialize;

/// The size of a drawing area in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Canvas {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// How much of the line a figure on two axes takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// All of it.
    Whole,
    /// Half of it: two figures stand side by side.
    Half,
}

impl Width {
    /// The drawing area of a figure that has `whole` to itself, or shares the line.
    #[must_use]
    pub fn of(self, whole: Canvas) -> Canvas {
        match self {
            Self::Whole => whole,
            Self::Half => HALF,
        }
    }
}

/// What is left of half a line beside the axis.
const HALF: Canvas = Canvas { width: 176.0, height: 160.0 };

/// A place on a canvas.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// From the left end (0) to the right end (1).
    pub x: f64,
    /// From the top (0) to the bottom (1).
    pub y: f64,
}

/// A label with its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelView {
    /// Its lines.
    pub lines: Vec<String>,
    /// Its left upper corner.
    pub at: Point,
    /// Its width in points.
    pub width: f64,
    /// Its height in points.
    pub height: f64,
    /// The edge that its lines keep to: `left`, `center` or `right`.
    pub align: &'static str,
    /// From the point to the label, where they are apart.
    pub leader: Option<(Point, Point)>,
}

/// A point that may have a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark<'a> {
    /// Its place.
    pub at: Point,
    /// Its radius in points.
    pub radius: f64,
    /// Its label, if it has one.
    pub label: Option<&'a str>,
}

/// The type size of labels in points; `templates/figures/plot.typ` sets them so.
pub const LABEL_SIZE: f64 = 6.5;
/// From one line of a label to the next, in points.
const LINE_HEIGHT: f64 = 8.0;
/// The greatest width of a label's line in points.
const LINE_WIDTH: f64 = 120.0;
/// Between a point's rim and its label, in points.
const GAP: f64 = 2.0;

/// The estimated width of a text in points at a type size. It is rather too wide than too narrow.
#[must_use]
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The width of a character of Inter or Noto Sans CJK as a part of the type size.
fn em(c: char) -> f64 {
    match c {
        ' ' | '\u{a0}' | 'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.29,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' => 0.39,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.92,
        '\u{202f}' => 0.2,
        c if c.is_ascii_uppercase() || matches!(c, '&' | '\u{2212}' | '+' | '=') => 0.70,
        c if c.is_ascii() => 0.62,
        c if is_wide(c) => 1.0,
        _ => 0.66,
    }
}

/// Chinese, Japanese and Korean characters and full-width forms: a line may break beside them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

/// A text in lines no wider than `room` points, broken at spaces and between wide characters; a
/// longer word is broken anywhere.
#[must_use]
pub fn lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(text) {
        let line = &mut lines[0];
        let together = width(line, size) + width(word.trim_end(), size);
        if line.is_empty() || together <= room {
            line.push_str(word);
        } else {
            lines.insert(0, word.to_owned());
        }
        while width(lines[0].trim_end(), size) > room && lines[0].chars().count() > 1 {
            let (head, tail) = split_at_width(&lines[0], size, room);
            lines[0] = head;
            lines.insert(0, tail);
        }
    }
    lines.reverse();
    lines.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Pieces after which a line may break; each keeps its space.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let end = at + c.len_utf8();
        let next = characters.peek().map(|(_, next)| *next);
        let breaks = (c == ' ' || is_wide(c)) && next.is_some_and(|next| !closes(next));
        if breaks || next.is_some_and(|next| is_wide(next) && !closes(next)) {
            words.push(&text[start..end]);
            start = end;
        }
    }
    words.push(&text[start..]);
    words
}

/// Marks that never begin a line.
fn closes(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '）'
            | '》'
            | '」'
            | '】'
            | '！'
            | '？'
            | ')'
            | ','
            | '.'
            | ';'
            | ' '
    )
}

fn split_at_width(line: &str, size: f64, room: f64) -> (String, String) {
    let mut used = 0.0;
    let count = line
        .chars()
        .take_while(|c| {
            used += em(*c) * size;
            used <= room
        })
        .count()
        .max(1);
    (line.chars().take(count).collect(), line.chars().skip(count).collect())
}

/// A rectangle on the canvas in points.
#[derive(Debug, Clone, Copy)]
struct Rectangle {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Rectangle {
    fn overlap(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }

    fn outside(&self, canvas: Canvas) -> f64 {
        (-self.left).max(0.0)
            + (-self.top).max(0.0)
            + (self.right - canvas.width).max(0.0)
            + (self.bottom - canvas.height).max(0.0)
    }
}

/// Directions in which a label may stand from its point, the best first.
const DIRECTIONS: [(f64, f64); 8] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.75, -0.75),
    (0.75, 0.75),
    (-0.75, -0.75),
    (-0.75, 0.75),
];

/// The labels of marks, each at the first place beside its point where it covers nothing, or
/// farther off, with a leader, where there is none beside it. A label for which there is no free
/// place at all is left out.
#[must_use]
pub fn place_labels(canvas: Canvas, marks: &[Mark<'_>]) -> Vec<LabelView> {
    let mut taken: Vec<Rectangle> = marks
        .iter()
        .map(|mark| {
            let (x, y) = (mark.at.x * canvas.width, mark.at.y * canvas.height);
            Rectangle {
                left: x - mark.radius,
                top: y - mark.radius,
                right: x + mark.radius,
                bottom: y + mark.radius,
            }
        })
        .collect();
    let mut labels = Vec::new();
    for mark in marks {
        let Some(text) = mark.label.filter(|text| !text.trim().is_empty()) else { continue };
        let lines = lines(text, LABEL_SIZE, LINE_WIDTH.min(0.6 * canvas.width));
        let wide = lines.iter().map(|line| width(line, LABEL_SIZE)).fold(0.0, f64::max);
        let high = lines.len() as f64 * LINE_HEIGHT;
        if let Some(place) = free_place(canvas, mark, (wide, high), &taken) {
            taken.push(place.rectangle);
            labels.push(place.view(canvas, mark, lines));
        }
    }
    labels
}

struct Place {
    rectangle: Rectangle,
    direction: (f64, f64),
    distance: f64,
}

fn free_place(
    canvas: Canvas,
    mark: &Mark<'_>,
    (wide, high): (f64, f64),
    taken: &[Rectangle],
) -> Option<Place> {
    let (x, y) = (mark.at.x * canvas.width, mark.at.y * canvas.height);
    // the corner nearest to the point is the one that faces it; the middle where it faces an edge
    let corner = |at: f64, step: f64, extent: f64| match step {
        0.0 => at - 0.5 * extent,
        step if step > 0.0 => at,
        _ => at - extent,
    };
    for distance in [0.0, 7.0, 14.0, 22.0, 32.0] {
        for direction in DIRECTIONS {
            let reach = mark.radius + GAP + distance;
            let left = corner(x + direction.0 * reach, direction.0, wide);
            let top = corner(y + direction.1 * reach, direction.1, high);
            let rectangle = Rectangle { left, top, right: left + wide, bottom: top + high };
            let is_free = taken.iter().all(|other| rectangle.overlap(other) == 0.0);
            if is_free && rectangle.outside(canvas) == 0.0 {
                return Some(Place { rectangle, direction, distance });
            }
        }
    }
    None
}

impl Place {
    fn view(&self, canvas: Canvas, mark: &Mark<'_>, lines: Vec<String>) -> LabelView {
        let point =
            |x: f64, y: f64| Point { x: tidy(x / canvas.width), y: tidy(y / canvas.height) };
        let Rectangle { left, top, right, bottom } = self.rectangle;
        let (x, y) = (mark.at.x * canvas.width, mark.at.y * canvas.height);
        let align = match self.direction.0 {
            0.0 => "center",
            right if right > 0.0 => "left",
            _ => "right",
        };
        let leader = (self.distance > 0.0).then(|| {
            let (dx, dy) = self.direction;
            let end = (x.clamp(left, right), y.clamp(top, bottom));
            let length = (dx * dx + dy * dy).sqrt();
            let from = (x + dx / length * mark.radius, y + dy / length * mark.radius);
            (point(from.0, from.1), point(end.0, end.1))
        });
        LabelView {
            lines,
            at: point(left, top),
            width: tidy(right - left),
            height: tidy(bottom - top),
            align,
            leader,
        }
    }
}

/// The part of a polygon that lies on the canvas (Sutherland & Hodgman).
#[must_use]
pub fn clip(polygon: &[Point]) -> Vec<Point> {
    type Inside = fn(&Point) -> f64;
    // how far a point lies within each edge
    let edges: [Inside; 4] = [|p| p.x, |p| 1.0 - p.x, |p| p.y, |p| 1.0 - p.y];
    let mut points = polygon.to_vec();
    for inside in edges {
        let mut kept = Vec::new();
        for (index, point) in points.iter().enumerate() {
            let before = &points[(index + points.len() - 1) % points.len()];
            let (a, b) = (inside(before), inside(point));
            if (a < 0.0) != (b < 0.0) {
                let part = a / (a - b);
                kept.push(Point {
                    x: tidy(before.x + part * (point.x - before.x)),
                    y: tidy(before.y + part * (point.y - before.y)),
                });
            }
            if b >= 0.0 {
                kept.push(*point);
            }
        }
        points = kept;
    }
    points
}

/// The parts of a line that lie on the canvas.
#[must_use]
pub fn clip_line(line: &[Point]) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for pair in line.windows(2) {
        let Some((from, to)) = clip_segment(pair[0], pair[1]) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    parts
}

/// The part of a segment that lies on the canvas (Liang & Barsky).
fn clip_segment(from: Point, to: Point) -> Option<(Point, Point)> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for (step, room) in [(-dx, from.x), (dx, 1.0 - from.x), (-dy, from.y), (dy, 1.0 - from.y)] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            start = start.max(room / step);
        } else {
            end = end.min(room / step);
        }
    }
    let at = |part: f64| Point { x: tidy(from.x + part * dx), y: tidy(from.y + part * dy) };
    (start < end && from != to).then(|| (at(start), at(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: Canvas = Canvas { width: 300.0, height: 200.0 };

    #[test]
    fn labels_cover_neither_points_nor_each_other() {
        let points: Vec<Point> = (0..6)
            .map(|i| Point { x: 0.4 + 0.02 * f64::from(i % 3), y: 0.4 + 0.03 * f64::from(i / 3) })
            .collect();
        let marks: Vec<Mark<'_>> = points
            .iter()
            .map(|at| Mark { at: *at, radius: 3.0, label: Some("Aronson 1948") })
            .collect();
        let labels = place_labels(CANVAS, &marks);
        assert_eq!(labels.len(), 6);
        let boxes: Vec<Rectangle> = labels
            .iter()
            .map(|label| Rectangle {
                left: label.at.x * CANVAS.width,
                top: label.at.y * CANVAS.height,
                right: label.at.x * CANVAS.width + label.width,
                bottom: label.at.y * CANVAS.height + label.height,
            })
            .collect();
        for (i, a) in boxes.iter().enumerate() {
            assert!(a.outside(CANVAS) < 0.01);
            for b in &boxes[i + 1..] {
                assert!(a.overlap(b) < 0.1);
            }
        }
        assert!(labels.iter().any(|label| label.leader.is_some()));
    }

    #[test]
    fn a_label_without_a_free_place_is_left_out() {
        let at = Point { x: 0.5, y: 0.5 };
        let mark = Mark { at, radius: 3.0, label: Some("Hart & Sutherland 1977") };
        let labels = place_labels(CANVAS, &vec![mark; 100]);
        assert!((4..100).contains(&labels.len()), "{}", labels.len());
    }

    #[test]
    fn a_label_at_the_right_end_stands_on_the_left() {
        let mark = Mark { at: Point { x: 1.0, y: 0.5 }, radius: 3.0, label: Some("Hart 1977") };
        let labels = place_labels(CANVAS, &[mark]);
        assert_eq!(labels[0].align, "right");
        assert!(labels[0].leader.is_none());
    }

    #[test]
    fn long_labels_break_into_lines() {
        let text = "International Study of Infarct Survival Collaborative Group 1995";
        let broken = lines(text, LABEL_SIZE, LINE_WIDTH);
        assert_eq!(broken.len(), 2, "{broken:?}");
        assert_eq!(broken.join(" "), text);
        let broken = lines(
            "中华人民共和国国家卫生健康委员会多中心随机对照研究协作组，二〇一九",
            LABEL_SIZE,
            60.0,
        );
        assert!(broken.len() > 2);
        assert!(broken.iter().all(|line| !line.starts_with('，')), "{broken:?}");
        assert_eq!(lines("", LABEL_SIZE, 60.0), Vec::<String>::new());
        assert!(
            lines(&"x".repeat(60), LABEL_SIZE, 60.0).iter().all(|l| width(l, LABEL_SIZE) <= 60.0)
        );
    }

    #[test]
    fn polygons_and_lines_end_at_the_canvas() {
        let triangle =
            [Point { x: 0.5, y: 0.0 }, Point { x: 1.5, y: 1.0 }, Point { x: -0.5, y: 1.0 }];
        let clipped = clip(&triangle);
        assert_eq!(clipped.len(), 5);
        assert!(clipped.contains(&Point { x: 1.0, y: 0.5 }));
        let parts = clip_line(&[
            Point { x: -1.0, y: 0.5 },
            Point { x: 0.5, y: 0.5 },
            Point { x: 2.0, y: 0.5 },
        ]);
        let expected =
            vec![Point { x: 0.0, y: 0.5 }, Point { x: 0.5, y: 0.5 }, Point { x: 1.0, y: 0.5 }];
        assert_eq!(parts, [expected]);
        assert_eq!(
            clip_line(&[Point { x: -1.0, y: -0.5 }, Point { x: 2.0, y: -0.1 }]),
            Vec::<Vec<Point>>::new()
        );
    }
}
