//! Symmetric systems of equations.

/// The lower triangle L, row by row, of a positive definite matrix LL′.
pub(super) fn cholesky(mut matrix: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    for i in 0..size {
        for j in 0..=i {
            let inner: f64 = (0..j).map(|l| matrix[i * size + l] * matrix[j * size + l]).sum();
            let rest = matrix[i * size + j] - inner;
            if i != j {
                matrix[i * size + j] = rest / matrix[j * size + j];
            } else if rest > matrix[i * size + i].abs() * 1e-14 && rest.is_finite() {
                matrix[i * size + i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(matrix)
}

/// The solution of LL′x = b.
pub(super) fn solve(triangle: &[f64], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let mut x = right.to_vec();
    for i in 0..size {
        let inner: f64 = (0..i).map(|l| triangle[i * size + l] * x[l]).sum();
        x[i] = (x[i] - inner) / triangle[i * size + i];
    }
    for i in (0..size).rev() {
        let inner: f64 = (i + 1..size).map(|l| triangle[l * size + i] * x[l]).sum();
        x[i] = (x[i] - inner) / triangle[i * size + i];
    }
    x
}
