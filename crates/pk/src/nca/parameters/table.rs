//! The table itself. Adding a parameter: a variant, a row at the same place, and an arm where it is computed
//! (`plasma`, `urine` or `effect`).

use super::{Entry, Matrix, Names, Reads, Regimens, Routes, UnitKind};
use Parameter as P;
use serde::{Deserialize, Serialize};

/// The registered parameters, in the order of output. The table says what each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the table says it")]
pub enum Parameter {
    CMax,
    CMaxByDose,
    TMax,
    CMin,
    TMin,
    TLag,
    CLast,
    TLast,
    C0,
    AucLast,
    AucLastByDose,
    AucAll,
    AumcLast,
    MrtLast,
    LambdaZ,
    HalfLife,
    LambdaZPoints,
    LambdaZLower,
    LambdaZUpper,
    LambdaZSpan,
    RSquared,
    RSquaredAdjusted,
    Correlation,
    LambdaZIntercept,
    CLastPred,
    AucInfObs,
    AucInfObsByDose,
    AucInfPred,
    AucInfPredByDose,
    AucPctExtrapObs,
    AucPctExtrapPred,
    AucPctBackObs,
    AucPctBackPred,
    AumcInfObs,
    AumcInfPred,
    AumcPctExtrapObs,
    AumcPctExtrapPred,
    AucTau,
    AucTauByDose,
    AumcTau,
    CAvg,
    CTrough,
    Fluctuation,
    Swing,
    AccumulationIndex,
    MrtInfObs,
    MrtInfPred,
    ClObs,
    ClPred,
    VzObs,
    VzPred,
    ClTau,
    VzTau,
    VssObs,
    VssPred,
    AmountRecovered,
    PercentRecovered,
    UrineVolume,
    RateMax,
    RateMaxTime,
    RateLast,
    RateLastTime,
    RateLastPred,
    RateLag,
    AurcLast,
    AurcLastByDose,
    AurcAll,
    AurcInfObs,
    AurcInfPred,
    AurcPctExtrapObs,
    AurcPctExtrapPred,
    RenalClearance,
    ResponseMax,
    ResponseMaxTime,
    ResponseMin,
    ResponseMinTime,
    AucAboveBaseline,
    AucBelowBaseline,
    AucNetBaseline,
    AucAboveThreshold,
    AucBelowThreshold,
    AucNetThreshold,
    AucBetween,
    TimeAboveBaseline,
    TimeBelowBaseline,
    TimeAboveThreshold,
    TimeBelowThreshold,
    TimeBetween,
}

const fn same(code: &'static str, name: &'static str) -> Names {
    Names { by_route: [(code, name); 3], is_cdisc: true }
}

const fn own(code: &'static str, name: &'static str) -> Names {
    Names { by_route: [(code, name); 3], is_cdisc: false }
}

const fn by_route(by_route: [(&'static str, &'static str); 3]) -> Names {
    Names { by_route, is_cdisc: true }
}

type Text = &'static str;

const fn plasma(parameter: Parameter, names: Names, unit: UnitKind, label: Text, formula: Text) -> Entry {
    Entry {
        parameter,
        names,
        label,
        unit,
        routes: Routes::All,
        regimens: Regimens::Any,
        matrix: Matrix::Plasma,
        reads: Reads::Nothing,
        depends: &[],
        depends_single: &[],
        depends_steady: &[],
        formula,
    }
}

const fn terminal(parameter: Parameter, names: Names, unit: UnitKind, label: Text, formula: Text) -> Entry {
    Entry { matrix: Matrix::PlasmaOrUrine, ..plasma(parameter, names, unit, label, formula) }
}

const fn urine(parameter: Parameter, names: Names, unit: UnitKind, label: Text, formula: Text) -> Entry {
    Entry { matrix: Matrix::Urine, ..plasma(parameter, names, unit, label, formula) }
}

const fn effect(parameter: Parameter, names: Names, unit: UnitKind, label: Text, formula: Text) -> Entry {
    Entry { matrix: Matrix::Effect, ..plasma(parameter, names, unit, label, formula) }
}

impl Entry {
    const fn after(self, routes: Routes) -> Self {
        Self { routes, ..self }
    }

    const fn when(self, regimens: Regimens) -> Self {
        Self { regimens, ..self }
    }

    const fn reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    const fn needs(self, depends: &'static [Parameter]) -> Self {
        Self { depends, ..self }
    }

    const fn needs_single(self, depends_single: &'static [Parameter]) -> Self {
        Self { depends_single, ..self }
    }

    const fn needs_steady(self, depends_steady: &'static [Parameter]) -> Self {
        Self { depends_steady, ..self }
    }
}

/// Every parameter, at the place of its variant.
pub static PARAMETERS: [Entry; 88] = [
    // plasma: what is seen
    plasma(P::CMax, same("CMAX", "Max Conc"), UnitKind::Conc, "Maximum concentration", "largest concentration; at steady state within the dosing interval").reads(Reads::Peak),
    plasma(P::CMaxByDose, same("CMAXD", "Max Conc Norm by Dose"), UnitKind::ConcPerDose, "Maximum concentration per dose", "C_max / dose").needs(&[P::CMax]),
    plasma(P::TMax, same("TMAX", "Time of CMAX"), UnitKind::Time, "Time of the maximum concentration", "time of the first sample with C_max").reads(Reads::Peak).needs(&[P::CMax]),
    plasma(P::CMin, same("CMIN", "Min Conc"), UnitKind::Conc, "Minimum concentration of the dosing interval", "smallest concentration sampled from the dose to tau").when(Regimens::SteadyState).reads(Reads::Interval),
    plasma(P::TMin, same("TMIN", "Time of CMIN Observation"), UnitKind::Time, "Time of the minimum concentration", "time of the first sample with C_min").when(Regimens::SteadyState).reads(Reads::Interval).needs(&[P::CMin]),
    plasma(P::TLag, same("TLAG", "Time Until First Nonzero Conc"), UnitKind::Time, "Lag time", "time of the last sample before the first measurable one; the dose when the first sample is measurable").after(Routes::Extravascular).reads(Reads::Lag),
    plasma(P::CLast, same("CLST", "Last Nonzero Conc"), UnitKind::Conc, "Last measurable concentration", "concentration at t_last").reads(Reads::Last),
    plasma(P::TLast, same("TLST", "Time of Last Nonzero Conc"), UnitKind::Time, "Time of the last measurable concentration", "time of the last sample at or above the limit of quantification").reads(Reads::Last),
    plasma(P::C0, same("C0", "Initial Conc"), UnitKind::Conc, "Concentration at the dose", "sample at the dose, else log-linear through the first two samples, else the first sample").after(Routes::Bolus).reads(Reads::Start),
    // plasma: areas to the last sample
    plasma(P::AucLast, same("AUCLST", "AUC to Last Nonzero Conc"), UnitKind::ConcTime, "AUC to t_last", "area from the dose to t_last").reads(Reads::ToLast),
    plasma(P::AucLastByDose, same("AUCLSTD", "AUC to Last Nonzero Conc Norm by Dose"), UnitKind::ConcTimePerDose, "AUC to t_last per dose", "AUC_last / dose").needs(&[P::AucLast]),
    plasma(P::AucAll, same("AUCALL", "AUC All"), UnitKind::ConcTime, "AUC to t_last and the next zero", "AUC_last and the triangle from t_last to the next sample").reads(Reads::ToAll),
    plasma(P::AumcLast, same("AUMCLST", "AUMC to Last Nonzero Conc"), UnitKind::ConcTime2, "AUMC to t_last", "area under t C from the dose to t_last").reads(Reads::ToLast),
    plasma(P::MrtLast, by_route([("MRTEVLST", "MRT Extravasc to Last Nonzero Conc"), ("MRTIBLST", "MRT IV Bolus to Last Nonzero Conc"), ("MRTICLST", "MRT IV Cont Inf to Last Nonzero Conc")]), UnitKind::Time, "Mean residence time to t_last", "AUMC_last / AUC_last, less half the infusion time").needs(&[P::AucLast, P::AumcLast]),
    // the terminal regression
    terminal(P::LambdaZ, same("LAMZ", "Lambda z"), UnitKind::PerTime, "Terminal rate constant", "minus the slope of ln C on t over the window").reads(Reads::Window),
    terminal(P::HalfLife, same("LAMZHL", "Half-Life Lambda z"), UnitKind::Time, "Terminal half-life", "ln 2 / lambda_z").needs(&[P::LambdaZ]),
    terminal(P::LambdaZPoints, same("LAMZNPT", "Number of Points for Lambda z"), UnitKind::Count, "Points of the terminal regression", "number of points of the window").reads(Reads::Window).needs(&[P::LambdaZ]),
    terminal(P::LambdaZLower, same("LAMZLL", "Lambda z Lower Limit"), UnitKind::Time, "First time of the terminal regression", "time of the window's first point").reads(Reads::Window).needs(&[P::LambdaZ]),
    terminal(P::LambdaZUpper, same("LAMZUL", "Lambda z Upper Limit"), UnitKind::Time, "Last time of the terminal regression", "time of the window's last point").reads(Reads::Window).needs(&[P::LambdaZ]),
    terminal(P::LambdaZSpan, same("LAMZSPN", "Lambda z Span"), UnitKind::Ratio, "Span of the terminal regression in half-lives", "(upper - lower) / half-life").needs(&[P::LambdaZ, P::HalfLife]),
    terminal(P::RSquared, same("R2", "R Squared"), UnitKind::Ratio, "R² of the terminal regression", "R²").reads(Reads::Window).needs(&[P::LambdaZ]),
    terminal(P::RSquaredAdjusted, same("R2ADJ", "R Squared Adjusted"), UnitKind::Ratio, "Adjusted R² of the terminal regression", "1 - (1 - R²)(n - 1)/(n - 2)").reads(Reads::Window).needs(&[P::LambdaZ]),
    terminal(P::Correlation, same("CORRXY", "Correlation Between TimeX and Log ConcY"), UnitKind::Ratio, "Correlation of the terminal regression", "correlation of t and ln C").reads(Reads::Window).needs(&[P::LambdaZ]),
    terminal(P::LambdaZIntercept, own("LAMZINT", "Lambda z Intercept"), UnitKind::Log, "Intercept of the terminal regression", "ln C of the line at time 0 of the reported clock").reads(Reads::Window).needs(&[P::LambdaZ]),
    // plasma: extrapolated
    plasma(P::CLastPred, own("CLSTP", "Last Nonzero Conc Pred"), UnitKind::Conc, "Predicted concentration at t_last", "the line's concentration at t_last").needs(&[P::LambdaZ, P::TLast]),
    plasma(P::AucInfObs, same("AUCIFO", "AUC Infinity Obs"), UnitKind::ConcTime, "AUC to infinity, observed", "AUC_last + C_last / lambda_z").needs(&[P::AucLast, P::CLast, P::LambdaZ]),
    plasma(P::AucInfObsByDose, same("AUCIFOD", "AUC Infinity Obs Norm by Dose"), UnitKind::ConcTimePerDose, "AUC to infinity per dose, observed", "AUC_inf / dose").needs(&[P::AucInfObs]),
    plasma(P::AucInfPred, same("AUCIFP", "AUC Infinity Pred"), UnitKind::ConcTime, "AUC to infinity, predicted", "AUC_last + predicted C_last / lambda_z").needs(&[P::AucLast, P::CLastPred, P::LambdaZ]),
    plasma(P::AucInfPredByDose, same("AUCIFPD", "AUC Infinity Pred Norm by Dose"), UnitKind::ConcTimePerDose, "AUC to infinity per dose, predicted", "AUC_inf / dose").needs(&[P::AucInfPred]),
    plasma(P::AucPctExtrapObs, same("AUCPEO", "AUC %Extrapolation Obs"), UnitKind::Percent, "Extrapolated part of the AUC, observed", "100 (AUC_inf - AUC_last) / AUC_inf").needs(&[P::AucInfObs, P::AucLast]),
    plasma(P::AucPctExtrapPred, same("AUCPEP", "AUC %Extrapolation Pred"), UnitKind::Percent, "Extrapolated part of the AUC, predicted", "100 (AUC_inf - AUC_last) / AUC_inf").needs(&[P::AucInfPred, P::AucLast]),
    plasma(P::AucPctBackObs, same("AUCPBEO", "AUC %Back Extrapolation Obs"), UnitKind::Percent, "Back-extrapolated part of the AUC, observed", "100 (area from the dose to the first sample) / AUC_inf").after(Routes::Bolus).reads(Reads::Start).needs(&[P::AucInfObs, P::C0]),
    plasma(P::AucPctBackPred, same("AUCPBEP", "AUC %Back Extrapolation Pred"), UnitKind::Percent, "Back-extrapolated part of the AUC, predicted", "100 (area from the dose to the first sample) / AUC_inf").after(Routes::Bolus).reads(Reads::Start).needs(&[P::AucInfPred, P::C0]),
    plasma(P::AumcInfObs, same("AUMCIFO", "AUMC Infinity Obs"), UnitKind::ConcTime2, "AUMC to infinity, observed", "AUMC_last + C_last t_last / lambda_z + C_last / lambda_z²").needs(&[P::AumcLast, P::CLast, P::TLast, P::LambdaZ]),
    plasma(P::AumcInfPred, same("AUMCIFP", "AUMC Infinity Pred"), UnitKind::ConcTime2, "AUMC to infinity, predicted", "the same with the predicted C_last").needs(&[P::AumcLast, P::CLastPred, P::TLast, P::LambdaZ]),
    plasma(P::AumcPctExtrapObs, same("AUMCPEO", "AUMC % Extrapolation Obs"), UnitKind::Percent, "Extrapolated part of the AUMC, observed", "100 (AUMC_inf - AUMC_last) / AUMC_inf").needs(&[P::AumcInfObs, P::AumcLast]),
    plasma(P::AumcPctExtrapPred, same("AUMCPEP", "AUMC % Extrapolation Pred"), UnitKind::Percent, "Extrapolated part of the AUMC, predicted", "100 (AUMC_inf - AUMC_last) / AUMC_inf").needs(&[P::AumcInfPred, P::AumcLast]),
    // plasma: the dosing interval at steady state
    plasma(P::AucTau, same("AUCTAU", "AUC Over Dosing Interval"), UnitKind::ConcTime, "AUC of the dosing interval", "area from the dose to tau").when(Regimens::SteadyState).reads(Reads::Tau),
    plasma(P::AucTauByDose, same("AUCTAUD", "AUC Over Dosing Interval Norm by Dose"), UnitKind::ConcTimePerDose, "AUC of the dosing interval per dose", "AUC_tau / dose").when(Regimens::SteadyState).needs(&[P::AucTau]),
    plasma(P::AumcTau, same("AUMCTAU", "AUMC Over Dosing Interval"), UnitKind::ConcTime2, "AUMC of the dosing interval", "area under t C from the dose to tau").when(Regimens::SteadyState).reads(Reads::Tau),
    plasma(P::CAvg, same("CAVG", "Average Concentration"), UnitKind::Conc, "Average concentration", "AUC_tau / tau").when(Regimens::SteadyState).needs(&[P::AucTau]),
    plasma(P::CTrough, same("CTROUGH", "Conc Trough"), UnitKind::Conc, "Concentration at the end of the dosing interval", "concentration at tau: sampled, interpolated by the rule in force, or predicted beyond t_last").when(Regimens::SteadyState).reads(Reads::Tau),
    plasma(P::Fluctuation, same("FLUCP", "Fluctuation%"), UnitKind::Percent, "Peak-trough fluctuation", "100 (C_max - C_min) / C_avg").when(Regimens::SteadyState).needs(&[P::CMax, P::CMin, P::CAvg]),
    plasma(P::Swing, same("SWING", "Swing"), UnitKind::Ratio, "Swing", "(C_max - C_min) / C_min").when(Regimens::SteadyState).needs(&[P::CMax, P::CMin]),
    plasma(P::AccumulationIndex, same("AILAMZ", "Accumulation Index using Lambda z"), UnitKind::Ratio, "Accumulation index", "1 / (1 - exp(-lambda_z tau))").when(Regimens::SteadyState).needs(&[P::LambdaZ]),
    // plasma: residence, clearance, volume
    plasma(P::MrtInfObs, by_route([("MRTEVIFO", "MRT Extravasc Infinity Obs"), ("MRTIBIFO", "MRT IV Bolus Infinity Obs"), ("MRTICIFO", "MRT IV Cont Inf Infinity Obs")]), UnitKind::Time, "Mean residence time, observed", "AUMC_inf / AUC_inf, at steady state (AUMC_tau + tau (AUC_inf - AUC_tau)) / AUC_tau; less half the infusion time").needs(&[P::AucInfObs]).needs_single(&[P::AumcInfObs]).needs_steady(&[P::AucTau, P::AumcTau]),
    plasma(P::MrtInfPred, by_route([("MRTEVIFP", "MRT Extravasc Infinity Pred"), ("MRTIBIFP", "MRT IV Bolus Infinity Pred"), ("MRTICIFP", "MRT IV Cont Inf Infinity Pred")]), UnitKind::Time, "Mean residence time, predicted", "the same with predicted areas").needs(&[P::AucInfPred]).needs_single(&[P::AumcInfPred]).needs_steady(&[P::AucTau, P::AumcTau]),
    plasma(P::ClObs, by_route([("CLFO", "Total CL Obs by F"), ("CLO", "Total CL Obs"), ("CLO", "Total CL Obs")]), UnitKind::Clearance, "Clearance, observed", "dose / AUC_inf; over F after extravascular dosing").when(Regimens::SingleDose).needs(&[P::AucInfObs]),
    plasma(P::ClPred, by_route([("CLFP", "Total CL Pred by F"), ("CLP", "Total CL Pred"), ("CLP", "Total CL Pred")]), UnitKind::Clearance, "Clearance, predicted", "dose / AUC_inf").when(Regimens::SingleDose).needs(&[P::AucInfPred]),
    plasma(P::VzObs, by_route([("VZFO", "Vz Obs by F"), ("VZO", "Vz Obs"), ("VZO", "Vz Obs")]), UnitKind::Volume, "Volume of distribution, terminal, observed", "CL / lambda_z").when(Regimens::SingleDose).needs(&[P::ClObs, P::LambdaZ]),
    plasma(P::VzPred, by_route([("VZFP", "Vz Pred by F"), ("VZP", "Vz Pred"), ("VZP", "Vz Pred")]), UnitKind::Volume, "Volume of distribution, terminal, predicted", "CL / lambda_z").when(Regimens::SingleDose).needs(&[P::ClPred, P::LambdaZ]),
    plasma(P::ClTau, by_route([("CLFTAU", "Total CL by F for Dose Int"), ("CLTAU", "Total CL for Dose Int"), ("CLTAU", "Total CL for Dose Int")]), UnitKind::Clearance, "Clearance at steady state", "dose / AUC_tau; over F after extravascular dosing").when(Regimens::SteadyState).needs(&[P::AucTau]),
    plasma(P::VzTau, by_route([("VZFTAU", "Vz for Dose Int by F"), ("VZTAU", "Vz for Dose Int"), ("VZTAU", "Vz for Dose Int")]), UnitKind::Volume, "Volume of distribution at steady state, terminal", "CL_tau / lambda_z").when(Regimens::SteadyState).needs(&[P::ClTau, P::LambdaZ]),
    plasma(P::VssObs, same("VSSO", "Vol Dist Steady State Obs"), UnitKind::Volume, "Volume of distribution at steady state, observed", "CL MRT; at steady state CL_tau MRT").after(Routes::Intravenous).needs(&[P::MrtInfObs]).needs_single(&[P::ClObs]).needs_steady(&[P::ClTau]),
    plasma(P::VssPred, same("VSSP", "Vol Dist Steady State Pred"), UnitKind::Volume, "Volume of distribution at steady state, predicted", "CL MRT; at steady state CL_tau MRT").after(Routes::Intravenous).needs(&[P::MrtInfPred]).needs_single(&[P::ClPred]).needs_steady(&[P::ClTau]),
    // urine
    urine(P::AmountRecovered, same("RCAMINT", "Amt Rec from T1 to T2"), UnitKind::Amount, "Amount recovered", "sum of concentration times volume").reads(Reads::Collections),
    urine(P::PercentRecovered, same("RCPCINT", "Pct Rec from T1 to T2"), UnitKind::Percent, "Percent of the dose recovered", "100 amount recovered / dose").needs(&[P::AmountRecovered]),
    urine(P::UrineVolume, same("VOLPK", "Sum of Urine Vol"), UnitKind::UrineVolume, "Volume collected", "sum of volumes").reads(Reads::Collections),
    urine(P::RateMax, same("ERMAX", "Max Excretion Rate"), UnitKind::Rate, "Maximum excretion rate", "largest of amount / duration of collection").reads(Reads::Peak),
    urine(P::RateMaxTime, same("ERTMAX", "Midpoint of Interval of Maximum ER"), UnitKind::Time, "Midpoint of the collection of maximum rate", "midpoint of the first collection with the maximum rate").reads(Reads::Peak).needs(&[P::RateMax]),
    urine(P::RateLast, same("ERLST", "Last Meas Excretion Rate"), UnitKind::Rate, "Last measurable excretion rate", "rate at the last midpoint with a positive rate").reads(Reads::Last),
    urine(P::RateLastTime, same("ERTLST", "Midpoint of Interval of Last Nonzero ER"), UnitKind::Time, "Midpoint of the last measurable rate", "midpoint of that collection").reads(Reads::Last),
    urine(P::RateLastPred, own("ERLSTP", "Last Meas Excretion Rate Pred"), UnitKind::Rate, "Predicted last excretion rate", "the line's rate at the last midpoint").needs(&[P::LambdaZ, P::RateLastTime]),
    urine(P::RateLag, own("ERTLAG", "Midpoint Prior to First Nonzero ER"), UnitKind::Time, "Lag time of excretion", "midpoint before the first positive rate; the dose when the first rate is positive").reads(Reads::Lag),
    urine(P::AurcLast, same("AURCLST", "AURC to Last Nonzero Rate"), UnitKind::Amount, "AURC to the last rate", "area under rate and midpoint, from (0, 0) at the dose").reads(Reads::ToLast),
    urine(P::AurcLastByDose, same("AURCLSTD", "AURC to Last Nonzero Rate Norm by Dose"), UnitKind::Ratio, "AURC to the last rate per dose", "AURC_last / dose").needs(&[P::AurcLast]),
    urine(P::AurcAll, same("AURCALL", "AURC All"), UnitKind::Amount, "AURC to the last rate and the next zero", "AURC_last and the triangle to the next rate").reads(Reads::ToAll),
    urine(P::AurcInfObs, same("AURCIFO", "AURC Infinity Obs"), UnitKind::Amount, "AURC to infinity, observed", "AURC_last + last rate / lambda_z").needs(&[P::AurcLast, P::RateLast, P::LambdaZ]),
    urine(P::AurcInfPred, same("AURCIFP", "AURC Infinity Pred"), UnitKind::Amount, "AURC to infinity, predicted", "AURC_last + predicted last rate / lambda_z").needs(&[P::AurcLast, P::RateLastPred, P::LambdaZ]),
    urine(P::AurcPctExtrapObs, same("AURCPEO", "AURC % Extrapolation Obs"), UnitKind::Percent, "Extrapolated part of the AURC, observed", "100 (AURC_inf - AURC_last) / AURC_inf").needs(&[P::AurcInfObs, P::AurcLast]),
    urine(P::AurcPctExtrapPred, same("AURCPEP", "AURC % Extrapolation Pred"), UnitKind::Percent, "Extrapolated part of the AURC, predicted", "100 (AURC_inf - AURC_last) / AURC_inf").needs(&[P::AurcInfPred, P::AurcLast]),
    urine(P::RenalClearance, same("RNCLINT", "Renal CL from T1 to T2"), UnitKind::RenalClearance, "Renal clearance", "amount recovered / plasma AUC over the same interval").needs(&[P::AmountRecovered]),
    // effect
    effect(P::ResponseMax, own("RMAX", "Max Response"), UnitKind::Response, "Maximum response", "largest response").reads(Reads::Peak),
    effect(P::ResponseMaxTime, own("TRMAX", "Time of Max Response"), UnitKind::Time, "Time of the maximum response", "time of the first maximum").reads(Reads::Peak).needs(&[P::ResponseMax]),
    effect(P::ResponseMin, own("RMIN", "Min Response"), UnitKind::Response, "Minimum response", "smallest response").reads(Reads::Peak),
    effect(P::ResponseMinTime, own("TRMIN", "Time of Min Response"), UnitKind::Time, "Time of the minimum response", "time of the first minimum").reads(Reads::Peak).needs(&[P::ResponseMin]),
    effect(P::AucAboveBaseline, own("AUCAB", "AUC Above Baseline"), UnitKind::ResponseTime, "Area above the baseline", "area between curve and baseline where the curve is above").reads(Reads::ToAll),
    effect(P::AucBelowBaseline, own("AUCBB", "AUC Below Baseline"), UnitKind::ResponseTime, "Area below the baseline", "area between curve and baseline where the curve is below").reads(Reads::ToAll),
    effect(P::AucNetBaseline, own("AUCNB", "AUC Net Baseline"), UnitKind::ResponseTime, "Net area from the baseline", "area above less area below").needs(&[P::AucAboveBaseline, P::AucBelowBaseline]),
    effect(P::AucAboveThreshold, own("AUCAT", "AUC Above Threshold"), UnitKind::ResponseTime, "Area above the threshold", "area between curve and threshold where the curve is above").reads(Reads::ToAll),
    effect(P::AucBelowThreshold, own("AUCBT", "AUC Below Threshold"), UnitKind::ResponseTime, "Area below the threshold", "area between curve and threshold where the curve is below").reads(Reads::ToAll),
    effect(P::AucNetThreshold, own("AUCNT", "AUC Net Threshold"), UnitKind::ResponseTime, "Net area from the threshold", "area above less area below").needs(&[P::AucAboveThreshold, P::AucBelowThreshold]),
    effect(P::AucBetween, own("AUCBTW", "AUC Between Baseline and Threshold"), UnitKind::ResponseTime, "Area between baseline and threshold", "baseline below threshold: area above baseline less area above threshold; else area below baseline less area below threshold").needs(&[P::AucAboveBaseline, P::AucBelowBaseline, P::AucAboveThreshold, P::AucBelowThreshold]),
    effect(P::TimeAboveBaseline, own("TAB", "Time Above Baseline"), UnitKind::Time, "Time above the baseline", "time of the curve above the baseline, crossings interpolated").reads(Reads::ToAll),
    effect(P::TimeBelowBaseline, own("TBB", "Time Below Baseline"), UnitKind::Time, "Time below the baseline", "time of the curve below the baseline").reads(Reads::ToAll),
    effect(P::TimeAboveThreshold, own("TAT", "Time Above Threshold"), UnitKind::Time, "Time above the threshold", "time of the curve above the threshold").reads(Reads::ToAll),
    effect(P::TimeBelowThreshold, own("TBT", "Time Below Threshold"), UnitKind::Time, "Time below the threshold", "time of the curve below the threshold").reads(Reads::ToAll),
    effect(P::TimeBetween, own("TBTW", "Time Between Baseline and Threshold"), UnitKind::Time, "Time between baseline and threshold", "as the area between, in time").needs(&[P::TimeAboveBaseline, P::TimeBelowBaseline, P::TimeAboveThreshold, P::TimeBelowThreshold]),
];
