//! Numbers that carry their derivatives.

use libm::{exp, log, log1p};

/// A number with its first and second derivatives by three variables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jet {
    pub(super) value: f64,
    pub(super) gradient: [f64; 3],
    pub(super) hessian: [[f64; 3]; 3],
}

impl Jet {
    pub(super) fn constant(value: f64) -> Self {
        Self { value, gradient: [0.0; 3], hessian: [[0.0; 3]; 3] }
    }

    pub(super) fn variable(value: f64, which: usize) -> Self {
        let mut jet = Self::constant(value);
        jet.gradient[which] = 1.0;
        jet
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut sum = *self;
        sum.value += other.value;
        for i in 0..3 {
            sum.gradient[i] += other.gradient[i];
            for j in 0..3 {
                sum.hessian[i][j] += other.hessian[i][j];
            }
        }
        sum
    }

    pub(super) fn shifted(&self, by: f64) -> Self {
        Self { value: self.value + by, ..*self }
    }

    pub(super) fn scaled(&self, by: f64) -> Self {
        Self {
            value: self.value * by,
            gradient: self.gradient.map(|x| x * by),
            hessian: self.hessian.map(|row| row.map(|x| x * by)),
        }
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = Self::constant(self.value * other.value);
        for i in 0..3 {
            product.gradient[i] = self.gradient[i] * other.value + self.value * other.gradient[i];
            for j in 0..3 {
                product.hessian[i][j] = self.hessian[i][j] * other.value
                    + self.gradient[i] * other.gradient[j]
                    + self.gradient[j] * other.gradient[i]
                    + self.value * other.hessian[i][j];
            }
        }
        product
    }

    /// f of this number, given f and its first two derivatives there.
    fn through(&self, [value, first, second]: [f64; 3]) -> Self {
        let mut image = Self::constant(value);
        for i in 0..3 {
            image.gradient[i] = first * self.gradient[i];
            for j in 0..3 {
                image.hessian[i][j] =
                    first * self.hessian[i][j] + second * self.gradient[i] * self.gradient[j];
            }
        }
        image
    }

    pub(super) fn exponential(&self) -> Self {
        let value = exp(self.value);
        self.through([value, value, value])
    }

    pub(super) fn logarithm(&self) -> Self {
        let inverse = 1.0 / self.value;
        self.through([log(self.value), inverse, -inverse * inverse])
    }

    pub(super) fn reciprocal(&self) -> Self {
        let inverse = 1.0 / self.value;
        self.through([inverse, -inverse * inverse, 2.0 * inverse * inverse * inverse])
    }

    pub(super) fn square_root(&self) -> Self {
        let root = self.value.sqrt();
        self.through([root, 0.5 / root, -0.25 / (root * self.value)])
    }

    /// 1/(1 + e^−x).
    pub(super) fn logistic(&self) -> Self {
        let (p, q) = (logistic(self.value), logistic(-self.value));
        self.through([p, p * q, p * q * (q - p)])
    }

    /// log(1 + e^x).
    pub(super) fn softplus(&self) -> Self {
        let x = self.value;
        let (p, q) = (logistic(x), logistic(-x));
        self.through([x.max(0.0) + log1p(exp(-x.abs())), p, p * q])
    }
}

fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let small = exp(x);
        small / (1.0 + small)
    }
}
