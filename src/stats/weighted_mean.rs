//! The weighted mean: a model without moderators, from a few sums and without allocation.
//!
//! With w = 1/(v + τ²) and r = y − μ, the matrix P = W − WX(X′WX)⁻¹X′W of the other estimators has
//! closed forms here: tr P = Σw − Σw²/Σw, y′Py = Σwr², y′PPy = Σw²r², and so on.

/// The sums of one pass are kept in so many parts, which a processor adds side by side.
const LANES: usize = 4;

type Lanes = [f64; LANES];

/// The mean of y with weights w = 1/(v + τ²), and sums of powers of the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WeightedMean {
    /// μ = Σwy/Σw.
    pub(crate) mean: f64,
    /// Σw; its inverse is the variance of μ where w are the inverse variances.
    pub(crate) weight_sum: f64,
    /// Σw².
    pub(crate) squared_weight_sum: f64,
    /// Σw³.
    cube_sum: f64,
    /// y′Py = Σwr².
    pub(crate) residual_sum: f64,
    /// Σw²r.
    tilt: f64,
    /// y′PPy = Σw²r².
    pub(crate) squared_residual_sum: f64,
    /// Σw³r².
    cubed_residual_sum: f64,
}

impl WeightedMean {
    /// The mean of `y`, of which there is one at least, with weights 1/(`v` + `tau_squared`).
    pub(crate) fn new(y: &[f64], v: &[f64], tau_squared: f64) -> Self {
        let weights = |v: &Lanes| each(v, |v| 1.0 / (v + tau_squared));
        let [weight_sum, moment] = sums(y, v, |y, v| {
            let w = weights(v);
            [w, product(&w, y)]
        });
        let mean = moment / weight_sum;
        let [
            squared_weight_sum,
            cube_sum,
            residual_sum,
            tilt,
            squared_residual_sum,
            cubed_residual_sum,
        ] = sums(y, v, |y, v| {
            let w = weights(v);
            let r = each(y, |y| y - mean);
            let (ww, wr) = (product(&w, &w), product(&w, &r));
            let wrwr = product(&wr, &wr);
            [ww, product(&ww, &w), product(&wr, &r), product(&w, &wr), wrwr, product(&w, &wrwr)]
        });
        Self {
            mean,
            weight_sum,
            squared_weight_sum,
            cube_sum,
            residual_sum,
            tilt,
            squared_residual_sum,
            cubed_residual_sum,
        }
    }

    /// tr P.
    pub(crate) fn projection_trace(&self) -> f64 {
        self.weight_sum - self.squared_weight_sum / self.weight_sum
    }

    /// tr PP.
    pub(crate) fn double_projection_trace(&self) -> f64 {
        let mean_weight = self.squared_weight_sum / self.weight_sum;
        self.squared_weight_sum - 2.0 * self.cube_sum / self.weight_sum + mean_weight * mean_weight
    }

    /// y′PPPy.
    pub(crate) fn cubed_residual_form(&self) -> f64 {
        self.cubed_residual_sum - self.tilt * (self.tilt / self.weight_sum)
    }

    /// Whether there is a mean: Σw is finite and above 0.
    pub(crate) fn is_regular(&self) -> bool {
        self.weight_sum > 0.0 && self.weight_sum.is_finite()
    }
}

/// Σ(y − ȳ)², the residual sum with unit weights.
pub(crate) fn unweighted_residual_sum(y: &[f64]) -> f64 {
    let [sum] = sums(y, y, |y, _| [*y]);
    let mean = sum / y.len() as f64;
    let [residual_sum] = sums(y, y, |y, _| {
        let r = each(y, |y| y - mean);
        [product(&r, &r)]
    });
    residual_sum
}

/// The sums of the terms over the studies.
#[inline]
fn sums<const N: usize>(
    y: &[f64],
    v: &[f64],
    terms: impl Fn(&Lanes, &Lanes) -> [Lanes; N],
) -> [f64; N] {
    let mut parts = [[0.0; LANES]; N];
    let (y_chunks, y_rest) = y.as_chunks();
    let (v_chunks, v_rest) = v.as_chunks();
    for (y, v) in y_chunks.iter().zip(v_chunks) {
        for (part, term) in parts.iter_mut().zip(terms(y, v)) {
            for (part, term) in part.iter_mut().zip(term) {
                *part += term;
            }
        }
    }
    // the last studies beside others that are not counted
    let (mut y, mut v) = ([0.0; LANES], [1.0; LANES]);
    y[..y_rest.len()].copy_from_slice(y_rest);
    v[..v_rest.len()].copy_from_slice(v_rest);
    for (part, term) in parts.iter_mut().zip(terms(&y, &v)) {
        for (part, term) in part.iter_mut().zip(&term[..y_rest.len()]) {
            *part += term;
        }
    }
    parts.map(|part| part.iter().sum())
}

#[inline]
fn each(lanes: &Lanes, function: impl Fn(f64) -> f64) -> Lanes {
    lanes.map(function)
}

#[inline]
fn product(a: &Lanes, b: &Lanes) -> Lanes {
    std::array::from_fn(|lane| a[lane] * b[lane])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::design::{Design, WeightedFit};

    #[test]
    fn agrees_with_the_fit_on_a_column_of_ones() {
        for k in 2..12_u32 {
            let y: Vec<f64> = (0..k).map(|i| f64::from(i * i % 7) - 2.5).collect();
            let v: Vec<f64> = (0..k).map(|i| 0.1 + f64::from(i * 5 % 9)).collect();
            let mean = WeightedMean::new(&y, &v, 0.3);
            let design = Design::intercept(y.len());
            let weights: Vec<f64> = v.iter().map(|v| 1.0 / (v + 0.3)).collect();
            let fit = WeightedFit::new(&design, &y, weights.clone()).unwrap();
            let near =
                |a: f64, b: f64| assert!((a - b).abs() <= 1e-13 * (1.0 + b.abs()), "{a} {b}");
            near(mean.mean, fit.coefficients[0]);
            near(mean.weight_sum, fit.weight_sum());
            near(mean.residual_sum, fit.residual_sum());
            near(mean.squared_residual_sum, fit.squared_residual_sum());
            near(mean.projection_trace(), fit.projection_trace(|_| 1.0));
            near(mean.double_projection_trace(), fit.double_projection_trace(|_| 1.0, |_| 1.0));
            near(mean.cubed_residual_form(), fit.cubed_residual_form());
            let plain = WeightedFit::new(&design, &y, vec![1.0; y.len()]).unwrap();
            near(unweighted_residual_sum(&y), plain.residual_sum());
        }
    }
}
