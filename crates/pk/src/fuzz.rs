//! Entry points for fuzzing: each makes an analysis of arbitrary bytes, must never panic, and checks what must hold of any result.

use crate::nca::sparse::{SparseDesign, SparseSample, sparse_auc};
use crate::nca::{
    AucRule, BlqRule, Convention, Dosing, Interval, Matrix, Observed, Parameter, Profile, Regimen, Route, Sample,
    analyse,
};

/// Numbers read from bytes, eight a number; every bit pattern is possible.
struct Numbers<'a>(std::slice::ChunksExact<'a, u8>);

impl Iterator for Numbers<'_> {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let chunk = self.0.next()?;
        let mut bytes = [0; 8];
        bytes.copy_from_slice(chunk);
        Some(f64::from_le_bytes(bytes))
    }
}

/// Noncompartmental analysis: each asked parameter has a finite value or a reason, samples behind it are samples of the profile.
pub fn fuzz_nca(data: &[u8]) {
    let Some((head, rest)) = data.split_first_chunk::<4>() else { return };
    let mut numbers = Numbers(rest.chunks_exact(8));
    let mut next = || numbers.next().unwrap_or(1.0);
    let route = [Route::Extravascular, Route::Bolus, Route::Infusion { duration: next() }][usize::from(head[0] % 3)];
    let regimen = [Regimen::SingleDose, Regimen::SteadyState { tau: next() }][usize::from(head[1] % 2)];
    let dosing = Dosing { dose: Some(next()), time: next(), route, regimen };
    let mut options = [Convention::Croft, Convention::Winnonlin, Convention::Pknca][usize::from(head[2] % 3)].options();
    options.rule = [AucRule::Linear, AucRule::LinearUpLogDown, AucRule::LinearLog][usize::from(head[3] % 3)];
    options.blq = [BlqRule::Zero, BlqRule::DropMiddle, BlqRule::HalfLloqMiddle][usize::from(head[3] / 3 % 3)];
    options.partial = vec![Interval { from: next(), to: next() }];
    let mut samples = Vec::new();
    while let Some(time) = numbers.next() {
        let observed = match numbers.next() {
            Some(conc) => Observed::Conc(conc),
            None => Observed::Blq,
        };
        samples.push(Sample { row: samples.len(), time, observed, exclusion: None });
    }
    let Ok(profile) = Profile::new(samples, dosing) else { return };
    let result = analyse(&profile, &options);
    for parameter in Parameter::of(Matrix::Plasma) {
        let outcome = result.get(parameter);
        assert!(outcome.value().is_none_or(f64::is_finite), "{parameter:?} is {outcome:?}");
        assert!(
            result.samples_used(parameter).iter().all(|&i| i < profile.samples().len()),
            "{parameter:?} names no sample"
        );
    }
}

/// Sparse designs: the standard error is not negative.
pub fn fuzz_sparse(data: &[u8]) {
    let mut samples = Vec::new();
    for chunk in data.chunks_exact(4) {
        let (animal, time) = (chunk[0] % 8, f64::from(chunk[1] % 6));
        let conc = f64::from(chunk[2]) / f64::from(chunk[3]);
        samples.push(SparseSample { row: samples.len(), animal: animal.to_string(), time, conc });
    }
    if let Ok(design) = SparseDesign::new(&samples)
        && let Ok(area) = sparse_auc(&design, 0.95)
    {
        assert!(area.se >= 0.0 && area.auc >= 0.0, "{area:?}");
    }
}
