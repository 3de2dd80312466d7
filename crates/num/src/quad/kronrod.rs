//! One panel of the Gauss–Kronrod pair of 10 and 21 points.
//!
//! Nodes and weights follow from their definition (Kronrod 1965; computed in 50 digits and rounded). The error estimate is
//! that of QUADPACK (Piessens, de Doncker-Kapenga, Überhuber & Kahaner 1983, §2.2.4.1): the difference of the two rules, scaled
//! by how much the function varies, to the power 3/2.

/// Evaluations a panel.
pub(super) const POINTS: usize = 21;

/// The area over one panel and its estimated error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    pub value: f64,
    pub error: f64,
}

/// Node, weight of Kronrod's rule, weight of Gauss' rule (0 where it has no node); symmetric about 0.
const NODES: [(f64, f64, f64); 11] = [
    (0.0, 0.149_445_554_002_916_9, 0.0),
    (0.148_874_338_981_631_22, 0.147_739_104_901_338_49, 0.295_524_224_714_752_87),
    (0.294_392_862_701_460_2, 0.142_775_938_577_060_09, 0.0),
    (0.433_395_394_129_247_2, 0.134_709_217_311_473_34, 0.269_266_719_309_996_35),
    (0.562_757_134_668_604_7, 0.123_491_976_262_065_84, 0.0),
    (0.679_409_568_299_024_4, 0.109_387_158_802_297_64, 0.219_086_362_515_982_04),
    (0.780_817_726_586_416_9, 0.093_125_454_583_697_6, 0.0),
    (0.865_063_366_688_984_5, 0.075_039_674_810_919_96, 0.149_451_349_150_580_6),
    (0.930_157_491_355_708_2, 0.054_755_896_574_351_995, 0.0),
    (0.973_906_528_517_171_7, 0.032_558_162_307_964_725, 0.066_671_344_308_688_14),
    (0.995_657_163_025_808_1, 0.011_694_638_867_371_874, 0.0),
];

/// Both rules over [low, high].
pub(super) fn panel(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Panel {
    let (centre, half) = (0.5 * (low + high), 0.5 * (high - low));
    let middle = f(centre);
    let mut values = [(middle, 0.0); 11];
    let (mut kronrod, mut gauss) = (middle * NODES[0].1, 0.0);
    for (value, (node, weight, gauss_weight)) in values.iter_mut().zip(NODES).skip(1) {
        *value = (f(centre - half * node), f(centre + half * node));
        let pair = value.0 + value.1;
        kronrod += weight * pair;
        gauss += gauss_weight * pair;
    }
    let mean = 0.5 * kronrod;
    let mut variation = NODES[0].1 * (middle - mean).abs();
    for ((left, right), (_, weight, _)) in values.iter().zip(NODES).skip(1) {
        variation += weight * ((left - mean).abs() + (right - mean).abs());
    }
    let (difference, variation) = ((kronrod - gauss).abs() * half, variation * half);
    let scaled = if variation > 0.0 { 200.0 * difference / variation } else { 0.0 };
    let error = if scaled > 0.0 { variation * (scaled * scaled.sqrt()).min(1.0) } else { difference };
    Panel { value: kronrod * half, error: error.max(kronrod.abs() * half * 1e-16) }
}
