//! Models against closed forms and against the same model written another way.
#![allow(clippy::unwrap_used, reason = "tests")]

use croft_num::linalg::{DMatrix, DVector, least_squares};
use croft_num::math::ln;
use croft_num::random::Stream;
use croft_stat::absorbed::{self, AbsorbedError};
use croft_stat::mixed::{Block, Boundary, Covariance, DfMethod, MixedError, MixedModel};
use croft_testkit::assert_close;

/// Twelve subjects with two to four values, two columns that vary within the subject and one that does not.
fn unbalanced() -> (Vec<usize>, Vec<Vec<f64>>, Vec<f64>) {
    let mut draw = Stream::new(1, "stat", "unbalanced", "");
    let (mut subject, mut columns, mut response) = (Vec::new(), vec![Vec::new(); 3], Vec::new());
    for s in 0..12 {
        let level = draw.normal();
        for period in 0..2 + s % 3 {
            subject.push(s);
            columns[0].push(period as f64);
            columns[1].push(((s / 2) % 2) as f64);
            columns[2].push(((s + period) % 2) as f64);
            response.push(3.0 + level + 0.2 * draw.normal());
        }
    }
    (subject, columns, response)
}

#[test]
fn absorbing_equals_a_column_for_every_subject() {
    let (subject, columns, response) = unbalanced();
    let fit = absorbed::fit(&subject, &columns, &response).unwrap();
    let design = DMatrix::from_fn(response.len(), 12 + columns.len(), |i, j| match j {
        0..12 => f64::from(u8::from(subject[i] == j)),
        _ => columns[j - 12][i],
    });
    let dense = least_squares(&design, &DVector::from_column_slice(&response), 1e-10).unwrap();
    for (column, got) in fit.coefficients.iter().enumerate() {
        match (got, dense.coefficients[12 + column]) {
            (Some(got), Some(expected)) => assert_close("coefficient", *got, expected, 1e-11),
            (got, expected) => assert_eq!(got.is_some(), expected.is_some(), "column {column} is aliased in one only"),
        }
    }
    // The second column does not vary within a subject: the subjects explain it.
    assert_eq!(fit.coefficients[1], None);
    assert_eq!((fit.residual_df, fit.rank(), fit.subjects), (dense.residual_df(), 2, 12));
    assert_close("residual sum of squares", fit.residual_ss, dense.residual_ss, 1e-11);
    let position = dense.estimable.iter().position(|&c| c == 14).unwrap();
    let variance = dense.unscaled_covariance[(position, position)] * dense.residual_ss / dense.residual_df() as f64;
    assert_close("standard error", fit.standard_error(2).unwrap(), variance.sqrt(), 1e-11);
    let trace: f64 = fit.leverages.iter().sum();
    assert_close("trace of the hat matrix", trace, 14.0, 1e-12);
}

#[test]
fn an_externally_studentised_residual_is_the_t_of_the_values_own_column() {
    let (subject, mut columns, response) = unbalanced();
    let fit = absorbed::fit(&subject, &columns, &response).unwrap();
    for value in [0, 7, 20] {
        columns.push((0..response.len()).map(|i| f64::from(u8::from(i == value))).collect());
        let with = absorbed::fit(&subject, &columns, &response).unwrap();
        let t = with.coefficients[3].unwrap() / with.standard_error(3).unwrap();
        assert_close("studentised", fit.externally_studentised(value).unwrap(), t, 1e-9);
        columns.pop();
    }
}

#[test]
fn a_model_without_residual_degrees_of_freedom_is_refused() {
    let error = absorbed::fit(&[0, 0], &[vec![0.0, 1.0]], &[1.0, 2.0]).unwrap_err();
    assert_eq!(error, AbsorbedError::NoResidual { values: 2, subjects: 1, columns: 1 });
    assert!(matches!(absorbed::fit(&[0], &[], &[1.0, 2.0]), Err(AbsorbedError::Subjects { .. })));
    assert!(matches!(absorbed::fit(&[0, 1], &[vec![1.0]], &[1.0, 2.0]), Err(AbsorbedError::Length { .. })));
}

/// Groups of four with one random effect and a mean.
fn one_way(groups: &[Vec<f64>]) -> Vec<Block> {
    let block = |y: &Vec<f64>| Block {
        response: y.clone(),
        fixed: vec![vec![1.0]; y.len()],
        random: vec![vec![1.0]; y.len()],
        residual_group: vec![0; y.len()],
    };
    groups.iter().map(block).collect()
}

#[test]
fn a_balanced_one_way_model_has_its_closed_form() {
    let (a, n) = (9, 4);
    let mut draw = Stream::new(2, "stat", "one-way", "");
    let groups: Vec<Vec<f64>> = (0..a)
        .map(|_| {
            let level = 2.0 * draw.normal();
            (0..n).map(|_| 10.0 + level + draw.normal()).collect()
        })
        .collect();
    let mean = |y: &[f64]| y.iter().sum::<f64>() / y.len() as f64;
    let means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
    let grand = mean(&means);
    let (a, n) = (a as f64, n as f64);
    let between = n * means.iter().map(|m| (m - grand) * (m - grand)).sum::<f64>() / (a - 1.0);
    let within = groups.iter().zip(&means).flat_map(|(g, m)| g.iter().map(move |y| (y - m) * (y - m))).sum::<f64>()
        / (a * (n - 1.0));
    assert!(between > within, "the example is meant to have an inner optimum");

    let fit = MixedModel::new(&one_way(&groups), Covariance::Diagonal).unwrap().fit().unwrap();
    assert!(fit.boundaries.is_empty());
    // Searle, Casella & McCulloch 1992, section 3.8: REML is the analysis of variance's estimate.
    assert_close("residual variance", fit.residual_variances[0], within, 1e-8);
    assert_close("group variance", fit.g[0][0], (between - within) / n, 1e-8);
    assert_close("mean", fit.beta[0], grand, 1e-12);
    let df = a * n - 1.0;
    let expected =
        (a - 1.0) * ln(between) + a * (n - 1.0) * ln(within) + df + ln(a * n) + df * ln(2.0 * std::f64::consts::PI);
    assert_close("−2 REML", fit.minus_two_log_likelihood, expected, 1e-12);
    for method in [DfMethod::Satterthwaite, DfMethod::KenwardRoger] {
        let contrast = fit.contrast(&[1.0], method).unwrap();
        assert_close("standard error", contrast.standard_error, (between / (a * n)).sqrt(), 1e-8);
        assert_close("df", contrast.df, a - 1.0, 1e-7);
    }
}

#[test]
fn a_variance_at_zero_is_named_and_drops_out() {
    // Equal group means: the variance between is estimated as zero, and the model is that of one sample.
    let groups = [vec![1.0, 2.0, 3.0, 6.0], vec![0.0, 3.0, 4.0, 5.0], vec![2.5, 3.5, 1.0, 5.0]];
    let fit = MixedModel::new(&one_way(&groups), Covariance::Diagonal).unwrap().fit().unwrap();
    assert_eq!(fit.boundaries, [Boundary::RandomVariance { effect: 0 }]);
    let all: Vec<f64> = groups.concat();
    let ss = all.iter().map(|y| (y - 3.0) * (y - 3.0)).sum::<f64>();
    assert_close("residual variance", fit.residual_variances[0], ss / 11.0, 1e-10);
    for method in [DfMethod::Satterthwaite, DfMethod::KenwardRoger] {
        assert_close("df", fit.contrast(&[1.0], method).unwrap().df, 11.0, 1e-8);
    }
}

/// Subjects with effects of two kinds; `times` values of each kind.
fn two_kinds(times: [usize; 2], noise: [f64; 2]) -> Vec<Block> {
    let mut draw = Stream::new(3, "stat", "two kinds", "");
    let subject = |_| {
        let common = draw.normal();
        let own = [common + 0.3 * draw.normal(), common + 0.3 * draw.normal()];
        let mut block = Block { response: vec![], fixed: vec![], random: vec![], residual_group: vec![] };
        for kind in 0..2 {
            for _ in 0..times[kind] {
                block.response.push(own[kind] + noise[kind] * draw.normal());
                block.fixed.push(vec![1.0, kind as f64]);
                block.random.push(vec![f64::from(u8::from(kind == 0)), f64::from(u8::from(kind == 1))]);
                block.residual_group.push(kind);
            }
        }
        block
    };
    (0..20).map(subject).collect()
}

#[test]
fn variances_that_cannot_be_told_apart_are_named() {
    let fit = MixedModel::new(&two_kinds([1, 2], [0.4, 0.4]), Covariance::Unstructured).unwrap().fit().unwrap();
    assert_eq!(fit.boundaries, [Boundary::NotIdentified { effects: vec![0], groups: vec![0] }]);
    // Where both kinds are repeated, all is identified.
    let fit = MixedModel::new(&two_kinds([2, 2], [0.4, 0.4]), Covariance::Unstructured).unwrap().fit().unwrap();
    assert!(fit.boundaries.is_empty(), "{:?}", fit.boundaries);
    assert!(fit.kkt_violation < 1e-6);
    assert_eq!(fit.starts_at_optimum, fit.starts);
}

#[test]
fn a_likelihood_without_a_maximum_is_refused() {
    // The two values of the first kind agree exactly in every subject.
    let error = MixedModel::new(&two_kinds([2, 2], [0.0, 0.4]), Covariance::Unstructured).unwrap().fit().unwrap_err();
    assert_eq!(error, MixedError::Unbounded { group: 0 });
}

#[test]
fn designs_that_are_none_are_refused() {
    let good = one_way(&[vec![1.0, 2.0], vec![2.0, 4.0]]);
    assert_eq!(MixedModel::new(&[], Covariance::Diagonal).unwrap_err(), MixedError::Empty);
    let mut ragged = good.clone();
    ragged[1].fixed[0].push(1.0);
    assert!(matches!(MixedModel::new(&ragged, Covariance::Diagonal), Err(MixedError::Shape { subject: 1, .. })));
    let mut aliased = good.clone();
    aliased.iter_mut().flat_map(|b| &mut b.fixed).for_each(|row| row.push(2.0));
    assert!(matches!(MixedModel::new(&aliased, Covariance::Diagonal), Err(MixedError::FixedRank { column: 1 })));
    let mut gap = good.clone();
    gap.iter_mut().for_each(|b| b.residual_group = vec![1; 2]);
    assert!(matches!(MixedModel::new(&gap, Covariance::Diagonal), Err(MixedError::EmptyGroup { group: 0 })));
    let fit = MixedModel::new(&good, Covariance::Diagonal).unwrap().fit().unwrap();
    assert!(matches!(fit.contrast(&[], DfMethod::Satterthwaite), Err(MixedError::ContrastLength { .. })));
}
