//! Small matrices, as rows.

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// a′Mb.
pub(super) fn bilinear(matrix: &[Vec<f64>], a: &[f64], b: &[f64]) -> f64 {
    matrix.iter().zip(a).map(|(row, a)| a * dot(row, b)).sum()
}

/// a′Ma.
pub(super) fn quadratic(matrix: &[Vec<f64>], a: &[f64]) -> f64 {
    bilinear(matrix, a, a)
}

/// Adds `weight` aa′ to a matrix.
pub(super) fn add_outer(matrix: &mut [Vec<f64>], a: &[f64], weight: f64) {
    for (row, x) in matrix.iter_mut().zip(a) {
        for (value, y) in row.iter_mut().zip(a) {
            *value += weight * x * y;
        }
    }
}

pub(super) fn transposed(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = matrix.first().map_or(0, Vec::len);
    (0..columns).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
}

pub(super) fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = transposed(b);
    a.iter().map(|row| columns.iter().map(|column| dot(row, column)).collect()).collect()
}

/// The lower triangle L with LL′ equal to a positive definite matrix.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let rest = matrix[i][j] - dot(&lower[i][..j], &lower[j][..j]);
            if i > j {
                lower[i][j] = rest / lower[j][j];
            } else if rest > 0.0 {
                lower[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(lower)
}

/// The symmetric (pseudo-)inverse square root of a positive semidefinite matrix, in which
/// eigenvalues up to `zero` count as 0: Jacobi's rotations.
pub(super) fn inverse_square_root(mut matrix: Vec<Vec<f64>>, zero: f64) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut vectors: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    // the sum of squares off the diagonal falls quadratically: ten sweeps are plenty
    for _ in 0..60 {
        let mut rotated = false;
        for i in 0..n {
            for j in i + 1..n {
                rotated |= rotate(&mut matrix, &mut vectors, i, j);
            }
        }
        if !rotated {
            break;
        }
    }
    let mut root = vec![vec![0.0; n]; n];
    for (i, vector) in transposed(&vectors).iter().enumerate() {
        if matrix[i][i] > zero {
            add_outer(&mut root, vector, 1.0 / matrix[i][i].sqrt());
        }
    }
    root
}

/// Makes one element off the diagonal zero; false where it is negligible already.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], i: usize, j: usize) -> bool {
    let off = matrix[i][j];
    if off.abs() <= 0.1 * f64::EPSILON * matrix[i][i].abs().max(matrix[j][j].abs()) {
        return false;
    }
    let theta = (matrix[j][j] - matrix[i][i]) / (2.0 * off);
    let tangent = 1.0f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    let turn = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    for row in matrix.iter_mut() {
        (row[i], row[j]) = turn(row[i], row[j]);
    }
    let (above, below) = matrix.split_at_mut(j);
    for (a, b) in above[i].iter_mut().zip(&mut below[0]) {
        (*a, *b) = turn(*a, *b);
    }
    matrix[i][j] = 0.0;
    matrix[j][i] = 0.0;
    for row in vectors.iter_mut() {
        (row[i], row[j]) = turn(row[i], row[j]);
    }
    true
}
