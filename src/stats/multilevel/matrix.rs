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

/// The symmetric (pseudo-)inverse square root of a positive semidefinite matrix of this rank.
pub(super) fn inverse_square_root(matrix: Vec<Vec<f64>>, rank: usize) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let (values, vectors) = eigen(matrix);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    let mut root = vec![vec![0.0; n]; n];
    for i in order.into_iter().take(rank).filter(|i| values[*i] > 0.0) {
        add_outer(&mut root, &vectors[i], 1.0 / values[i].sqrt());
    }
    root
}

/// How many eigenvalues of a symmetric matrix are above `zero`.
pub(super) fn rank(matrix: Vec<Vec<f64>>, zero: f64) -> usize {
    eigen(matrix).0.iter().filter(|value| **value > zero).count()
}

/// The eigenvalues of a symmetric matrix, and the vector of each: Jacobi's rotations, which find
/// small eigenvalues of a graded matrix as accurately as large ones (Demmel & Veselić 1992).
fn eigen(mut matrix: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
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
    ((0..n).map(|i| matrix[i][i]).collect(), transposed(&vectors))
}

/// Makes one element off the diagonal zero; false where it is negligible already.
fn rotate(matrix: &mut [Vec<f64>], vectors: &mut [Vec<f64>], i: usize, j: usize) -> bool {
    let off = matrix[i][j];
    let size = matrix[i][i].abs().sqrt() * matrix[j][j].abs().sqrt();
    if off.abs() <= 0.1 * f64::EPSILON * size {
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
