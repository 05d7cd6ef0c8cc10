//! Design matrices and weighted least squares with k rows and few columns.

/// A design matrix X: one row a study, one column a coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    rows: usize,
    columns: usize,
    /// Row by row; empty for the design of a model without moderators.
    values: Vec<f64>,
}

impl Design {
    /// The design of a model without moderators: one column of ones.
    #[must_use]
    pub fn intercept(rows: usize) -> Self {
        Self { rows, columns: 1, values: Vec::new() }
    }

    /// The design with these columns, all of one length; a model with an intercept has a column of
    /// ones among them.
    #[must_use]
    pub fn from_columns(columns: &[Vec<f64>]) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        if let [column] = columns
            && column.iter().all(|value| *value == 1.0)
        {
            return Self::intercept(rows);
        }
        let values = (0..rows).flat_map(|row| columns.iter().map(move |c| c[row])).collect();
        Self { rows, columns: columns.len(), values }
    }

    /// Whether this is the design of a model without moderators.
    #[must_use]
    pub fn is_intercept(&self) -> bool {
        self.columns == 1 && self.values.is_empty()
    }

    /// The design without one row.
    #[must_use]
    pub fn without_row(&self, row: usize) -> Self {
        let rows = self.rows - 1;
        if self.is_intercept() {
            return Self::intercept(rows);
        }
        let mut values = Vec::with_capacity(rows * self.columns);
        values.extend_from_slice(&self.values[..row * self.columns]);
        values.extend_from_slice(&self.values[(row + 1) * self.columns..]);
        Self { rows, columns: self.columns, values }
    }

    /// The number of studies, k.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of coefficients, p.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// k − p, the residual degrees of freedom.
    #[must_use]
    pub fn residual_df(&self) -> f64 {
        self.rows() as f64 - self.columns as f64
    }

    /// The row of one study.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        if self.is_intercept() {
            return &[1.0];
        }
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// X′ diag(u) X.
    fn gram(&self, u: impl Fn(usize) -> f64) -> Square {
        if self.is_intercept() {
            return Square { size: 1, values: vec![(0..self.rows).map(u).sum()] };
        }
        let mut gram = Square::zero(self.columns);
        for row in 0..self.rows() {
            let weight = u(row);
            let x = self.row(row);
            for i in 0..self.columns {
                for j in 0..self.columns {
                    gram.values[i * self.columns + j] += weight * x[i] * x[j];
                }
            }
        }
        gram
    }

    /// log |X′X|, which the restricted likelihood needs.
    #[must_use]
    pub fn log_determinant(&self) -> f64 {
        self.gram(|_| 1.0).inverse().map_or(f64::NAN, |(_, log_determinant)| log_determinant)
    }
}

/// A weighted least-squares fit of y on X, with what the estimators of τ² need of it.
///
/// With W = diag(w) and A = (X′WX)⁻¹, the matrix P = W − WXAX′W is never formed: its traces come
/// from p×p products.
#[derive(Debug, Clone)]
pub struct WeightedFit<'a> {
    design: &'a Design,
    weights: Vec<f64>,
    inverse_gram: Square,
    /// log |X′WX|.
    pub log_determinant: f64,
    /// The coefficients β = A X′W y.
    pub coefficients: Vec<f64>,
    /// y − Xβ.
    pub residuals: Vec<f64>,
}

impl<'a> WeightedFit<'a> {
    /// Fits y on X with weights w > 0. `None` where X′WX is singular: fewer studies than
    /// coefficients, or collinear moderators.
    #[must_use]
    pub fn new(design: &'a Design, y: &[f64], weights: Vec<f64>) -> Option<Self> {
        let p = design.columns;
        let (inverse_gram, log_determinant) = design.gram(|i| weights[i]).inverse()?;
        let mut moment = vec![0.0; p];
        for row in 0..design.rows() {
            for (sum, x) in moment.iter_mut().zip(design.row(row)) {
                *sum += weights[row] * x * y[row];
            }
        }
        let coefficients: Vec<f64> =
            (0..p).map(|i| (0..p).map(|j| inverse_gram.at(i, j) * moment[j]).sum()).collect();
        let residuals = (0..design.rows())
            .map(|row| {
                let fitted: f64 =
                    design.row(row).iter().zip(&coefficients).map(|(x, b)| x * b).sum();
                y[row] - fitted
            })
            .collect();
        Some(Self { design, weights, inverse_gram, log_determinant, coefficients, residuals })
    }

    /// The weights w.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Σ w, the trace of W.
    #[must_use]
    pub fn weight_sum(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// Var(β_j) = A_jj where w are the inverse variances.
    #[must_use]
    pub fn coefficient_variance(&self, coefficient: usize) -> f64 {
        self.inverse_gram.at(coefficient, coefficient)
    }

    /// The covariance of two coefficients, A_ij, where w are the inverse variances.
    #[must_use]
    pub fn coefficient_covariance(&self, i: usize, j: usize) -> f64 {
        self.inverse_gram.at(i, j)
    }

    /// x′Ax for a row x of covariates: the variance of its fitted value where w are the inverse
    /// variances. The hat value of study i is w_i times this for its own row.
    #[must_use]
    pub fn fitted_variance(&self, x: &[f64]) -> f64 {
        let p = self.design.columns;
        let mut variance = 0.0;
        for i in 0..p {
            for j in 0..p {
                variance += x[i] * self.inverse_gram.at(i, j) * x[j];
            }
        }
        variance
    }

    /// y′Py = Σ w r², the weighted residual sum of squares.
    #[must_use]
    pub fn residual_sum(&self) -> f64 {
        self.weights.iter().zip(&self.residuals).map(|(w, r)| w * r * r).sum()
    }

    /// y′PPy = Σ w² r².
    #[must_use]
    pub fn squared_residual_sum(&self) -> f64 {
        self.weights.iter().zip(&self.residuals).map(|(w, r)| w * w * r * r).sum()
    }

    /// y′PPPy = q′Pq with q = Py, whose elements are wr.
    #[must_use]
    pub fn cubed_residual_form(&self) -> f64 {
        let p = self.design.columns;
        let mut moment = vec![0.0; p];
        let mut form = 0.0;
        for (row, (w, r)) in self.weights.iter().zip(&self.residuals).enumerate() {
            let squared = w * w * r;
            form += squared * w * r;
            for (sum, x) in moment.iter_mut().zip(self.design.row(row)) {
                *sum += squared * x;
            }
        }
        for i in 0..p {
            for j in 0..p {
                form -= moment[i] * self.inverse_gram.at(i, j) * moment[j];
            }
        }
        form
    }

    /// tr(P D) for D = diag(d).
    #[must_use]
    pub fn projection_trace(&self, d: impl Fn(usize) -> f64) -> f64 {
        let diagonal: f64 = (0..self.weights.len()).map(|i| self.weights[i] * d(i)).sum();
        let squared = self.design.gram(|i| self.weights[i] * self.weights[i] * d(i));
        diagonal - self.inverse_gram.product_trace(&squared)
    }

    /// tr(P D P E) for D = diag(d), E = diag(e).
    #[must_use]
    pub fn double_projection_trace(
        &self,
        d: impl Fn(usize) -> f64,
        e: impl Fn(usize) -> f64,
    ) -> f64 {
        let square = |i: usize| self.weights[i] * self.weights[i];
        let diagonal: f64 = (0..self.weights.len()).map(|i| square(i) * d(i) * e(i)).sum();
        let cubed = self.design.gram(|i| square(i) * self.weights[i] * d(i) * e(i));
        let left = self.inverse_gram.product(&self.design.gram(|i| square(i) * d(i)));
        let right = self.inverse_gram.product(&self.design.gram(|i| square(i) * e(i)));
        diagonal - 2.0 * self.inverse_gram.product_trace(&cubed) + left.product_trace(&right)
    }
}

/// The inverse of a small symmetric positive definite matrix, given and returned by rows, with the
/// logarithm of its determinant; `None` where it is singular.
#[must_use]
pub fn positive_definite_inverse(matrix: &[Vec<f64>]) -> Option<(Vec<Vec<f64>>, f64)> {
    let size = matrix.len();
    let (inverse, log_determinant) = Square { size, values: matrix.concat() }.inverse()?;
    let rows = (0..size).map(|i| (0..size).map(|j| inverse.at(i, j)).collect()).collect();
    Some((rows, log_determinant))
}

/// A small square matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
struct Square {
    size: usize,
    values: Vec<f64>,
}

impl Square {
    fn zero(size: usize) -> Self {
        Self { size, values: vec![0.0; size * size] }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.size + column]
    }

    fn product(&self, other: &Self) -> Self {
        let mut product = Self::zero(self.size);
        for i in 0..self.size {
            for j in 0..self.size {
                product.values[i * self.size + j] =
                    (0..self.size).map(|l| self.at(i, l) * other.at(l, j)).sum();
            }
        }
        product
    }

    /// The trace of the product with `other`.
    fn product_trace(&self, other: &Self) -> f64 {
        let mut trace = 0.0;
        for i in 0..self.size {
            for j in 0..self.size {
                trace += self.at(i, j) * other.at(j, i);
            }
        }
        trace
    }

    /// The inverse of a symmetric positive definite matrix with the logarithm of its determinant,
    /// by Cholesky's decomposition; `None` where a pivot vanishes.
    fn inverse(&self) -> Option<(Self, f64)> {
        let n = self.size;
        let mut lower = Self::zero(n);
        let mut log_determinant = 0.0;
        for i in 0..n {
            for j in 0..=i {
                let inner: f64 = (0..j).map(|l| lower.at(i, l) * lower.at(j, l)).sum();
                let rest = self.at(i, j) - inner;
                if i == j {
                    if !(rest > self.at(i, i).abs() * 1e-13 && rest.is_finite()) {
                        return None;
                    }
                    lower.values[i * n + i] = rest.sqrt();
                    log_determinant += libm::log(rest);
                } else {
                    lower.values[i * n + j] = rest / lower.at(j, j);
                }
            }
        }
        // the inverse of the triangle, then its product with its own transpose
        let mut triangle = Self::zero(n);
        for j in 0..n {
            for i in j..n {
                let inner: f64 = (j..i).map(|l| lower.at(i, l) * triangle.at(l, j)).sum();
                let unit = if i == j { 1.0 } else { 0.0 };
                triangle.values[i * n + j] = (unit - inner) / lower.at(i, i);
            }
        }
        let mut inverse = Self::zero(n);
        for i in 0..n {
            for j in 0..n {
                inverse.values[i * n + j] =
                    (i.max(j)..n).map(|l| triangle.at(l, i) * triangle.at(l, j)).sum();
            }
        }
        Some((inverse, log_determinant))
    }
}
