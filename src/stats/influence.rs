//! Outlier and influence diagnostics of a fitted model (Viechtbauer & Cheung 2010).
