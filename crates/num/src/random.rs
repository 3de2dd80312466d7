//! Which random numbers belong to this seed, study, purpose and unit.
//!
//! A stream is named, not shared: `Stream::new(seed, study, purpose, unit)` gives the same numbers on every machine,
//! whatever other streams are drawn from, and in whatever order or number of threads.
//!
//! ```text
//! key     = SHA-256("croft random stream 1" ‖ seed (8 bytes, little endian) ‖ for each label: its length in bytes (8, LE), its UTF-8)
//! words   = ChaCha with 8 rounds, that key, nonce 0, block counter from 0; two 32-bit words, low first, make one of 64 bits
//! uniform = (k + ½) · 2⁻⁵³, k the upper 53 bits of a word
//! ```
//! Where the numbers are to stay secret, 64 bits of seed could be tried through: [`Stream::from_secret`] takes 256, under a key of another name:
//! ```text
//! key     = SHA-256("croft secret stream 1" ‖ seed (32 bytes) ‖ labels as above)
//! ```
//! ChaCha (Bernstein 2008) with 8 rounds: no attack on 8 rounds is known (Aumasson 2019, "Too much crypto", argues that 8 suffice),
//! it passes every statistical battery, and it costs 40 % of 20 rounds; lists that must stay secret are guarded by their
//! seed, which lives in the vault. Numbers are integers until the last step, so that no processor changes them.
//!
//! Normal: ziggurat of 256 layers (Marsaglia & Tsang 2000, Journal of Statistical Software 5(8)), layer, sign and abscissa
//! from disjoint bits of one word, which answers Doornik's (2005) objection. Gamma and chi-squared: Marsaglia & Tsang 2000,
//! ACM TOMS 26:363–372. Both are exact rejection methods. The algorithms are part of the interface: changing one changes the
//! version in the key.

use crate::dist::DomainError;
use crate::math::{exp, ln, pow};
use rand_chacha::ChaCha8Core;
use rand_core::SeedableRng;
use rand_core::block::Generator;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// 32-bit words that the generator gives at a time.
const BLOCK: usize = 64;

/// A named stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    core: ChaCha8Core,
    block: [u32; BLOCK],
    next: usize,
    ziggurat: &'static Ziggurat,
}

impl Stream {
    /// The stream of this name. Costs about a microsecond.
    pub fn new(seed: u64, study: &str, purpose: &str, unit: &str) -> Self {
        Self::keyed(b"croft random stream 1", &seed.to_le_bytes(), [study, purpose, unit])
    }

    /// The stream of this name under a seed that cannot be guessed, for numbers that must stay secret (randomisation lists). Who knows
    /// numbers of one stream learns neither the seed nor numbers of another.
    pub fn from_secret(seed: &[u8; 32], study: &str, purpose: &str, unit: &str) -> Self {
        Self::keyed(b"croft secret stream 1", seed, [study, purpose, unit])
    }

    fn keyed(form: &[u8], seed: &[u8], labels: [&str; 3]) -> Self {
        let mut hash = Sha256::new();
        hash.update(form);
        hash.update(seed);
        for label in labels {
            hash.update((label.len() as u64).to_le_bytes());
            hash.update(label.as_bytes());
        }
        Self {
            core: ChaCha8Core::from_seed(hash.finalize().into()),
            block: [0; BLOCK],
            next: BLOCK,
            ziggurat: &ZIGGURAT,
        }
    }

    /// 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        if self.next >= BLOCK {
            self.core.generate(&mut self.block);
            self.next = 0;
        }
        let low = u64::from(self.block[self.next]);
        let high = u64::from(self.block[self.next + 1]);
        self.next += 2;
        high << 32 | low
    }

    /// A uniform number of the open interval (0, 1): (k + ½)·2⁻⁵³, k the upper 53 bits. Where k + ½ needs a 54th bit it is rounded
    /// to even, and the last k, which would round to 1, gives 1 − 2⁻⁵³.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        const UNIT: f64 = 1.0 / (1u64 << 53) as f64;
        let x = ((self.next_u64() >> 11) as f64 + 0.5) * UNIT;
        if x < 1.0 { x } else { 1.0 - UNIT }
    }

    /// A standard normal number. About 8 ns.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        let bits = self.next_u64();
        let layer = (bits & 0xff) as usize;
        let x = (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64) * self.ziggurat.x[layer];
        let x = if x < self.ziggurat.x[layer + 1] { x } else { self.normal_outside(layer, x) };
        if bits & 0x100 == 0 { x } else { -x }
    }

    /// The ziggurat's rare cases (1.2 %): the wedge of a layer, and the tail. Positive half.
    #[cold]
    fn normal_outside(&mut self, layer: usize, x: f64) -> f64 {
        let (mut layer, mut x) = (layer, x);
        loop {
            if layer == 0 {
                return self.normal_tail();
            }
            let (below, above) = (self.ziggurat.f[layer], self.ziggurat.f[layer + 1]);
            if below + self.uniform() * (above - below) < exp(-0.5 * x * x) {
                return x;
            }
            let bits = self.next_u64();
            layer = (bits & 0xff) as usize;
            x = (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64) * self.ziggurat.x[layer];
            if x < self.ziggurat.x[layer + 1] {
                return x;
            }
        }
    }

    /// Beyond the last layer (Marsaglia 1964, Technometrics 6:101–102).
    fn normal_tail(&mut self) -> f64 {
        loop {
            let x = -ln(self.uniform()) / ZIGGURAT_EDGE;
            let y = -ln(self.uniform());
            if y + y > x * x {
                return ZIGGURAT_EDGE + x;
            }
        }
    }

    /// An exponential number of mean 1, by inversion.
    pub fn exponential(&mut self) -> f64 {
        -ln(self.uniform())
    }

    /// A gamma number of scale 1. NaN where the shape is not positive and finite; in loops prepare a [`GammaDraw`].
    pub fn gamma(&mut self, shape: f64) -> f64 {
        GammaDraw::new(shape).map_or(f64::NAN, |law| law.draw(self))
    }

    /// A chi-squared number. NaN where the degrees of freedom are not positive and finite; in loops prepare a [`GammaDraw`].
    pub fn chi_squared(&mut self, df: f64) -> f64 {
        2.0 * self.gamma(0.5 * df)
    }

    /// A whole number below n, each with the same chance (Lemire 2019, ACM TOMACS 29:3, without bias); 0 where n is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let mut wide = u128::from(self.next_u64()) * u128::from(n);
        if (wide as u64) < n {
            let unfair = n.wrapping_neg() % n;
            while (wide as u64) < unfair {
                wide = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (wide >> 64) as u64
    }

    /// Puts the items in random order, each order with the same chance (Fisher & Yates; Durstenfeld 1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let chosen = self.below(last as u64 + 1) as usize;
            items.swap(last, chosen);
        }
    }
}

/// Gamma numbers of one shape, its constants formed once: 15 ns a number.
#[derive(Clone, Copy, Debug)]
pub struct GammaDraw {
    d: f64,
    c: f64,
    scale: f64,
    /// 1/shape for shapes below 1, drawn as shape + 1 and multiplied by u^(1/shape).
    boost: Option<f64>,
}

impl GammaDraw {
    /// Gamma numbers of this shape and scale 1.
    ///
    /// # Errors
    /// When the shape is not positive and finite.
    pub fn new(shape: f64) -> Result<Self, DomainError> {
        if !(shape > 0.0 && shape.is_finite()) {
            return Err(DomainError {
                law: "gamma",
                parameter: "shape",
                value: shape,
                requirement: "a positive number",
            });
        }
        let (used, boost) = if shape < 1.0 { (shape + 1.0, Some(1.0 / shape)) } else { (shape, None) };
        let d = used - 1.0 / 3.0;
        Ok(Self { d, c: 1.0 / (9.0 * d).sqrt(), scale: 1.0, boost })
    }

    /// Chi-squared numbers of ν degrees of freedom.
    ///
    /// # Errors
    /// When ν is not positive and finite.
    pub fn chi_squared(df: f64) -> Result<Self, DomainError> {
        Ok(Self { scale: 2.0, ..Self::new(0.5 * df)? })
    }

    /// One number.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        let x = self.scale
            * self.d
            * loop {
                let x = stream.normal();
                let root = 1.0 + self.c * x;
                if root <= 0.0 {
                    continue;
                }
                let v = root * root * root;
                let u = stream.uniform();
                let square = x * x;
                if u < 1.0 - 0.0331 * square * square || ln(u) < 0.5 * square + self.d * (1.0 - v + ln(v)) {
                    break v;
                }
            };
        match self.boost {
            Some(inverse) => x * pow(stream.uniform(), inverse),
            None => x,
        }
    }
}

/// Where the tail begins, for 256 layers (Marsaglia & Tsang 2000, section 2).
const ZIGGURAT_EDGE: f64 = 3.654_152_885_361_009;

/// Right edges of the layers, from below, and exp(−x²/2) there. Layer 0 is the base with the tail, as wide as its area says.
#[derive(Debug)]
struct Ziggurat {
    x: [f64; 257],
    f: [f64; 257],
}

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(Ziggurat::build);

impl Ziggurat {
    fn build() -> Self {
        let height = |x: f64| exp(-0.5 * x * x);
        let tail = (std::f64::consts::PI / 2.0).sqrt() * crate::special::erfc(ZIGGURAT_EDGE / std::f64::consts::SQRT_2);
        let area = ZIGGURAT_EDGE * height(ZIGGURAT_EDGE) + tail;
        let mut x = [0.0; 257];
        x[0] = area / height(ZIGGURAT_EDGE);
        x[1] = ZIGGURAT_EDGE;
        for layer in 1..255 {
            x[layer + 1] = (-2.0 * ln(height(x[layer]) + area / x[layer])).sqrt();
        }
        Self { x, f: x.map(height) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{Continuous, Gamma, Normal};

    fn stream(purpose: &str) -> Stream {
        Stream::new(20_261_124, "CROFT-1", purpose, "unit 1")
    }

    #[test]
    fn a_stream_is_the_cipher_under_the_hash_of_its_name() {
        use rand_core::Rng;
        let mut named = b"croft random stream 1".to_vec();
        named.extend(7u64.to_le_bytes());
        for label in ["S", "P", "U"] {
            named.extend((label.len() as u64).to_le_bytes());
            named.extend(label.as_bytes());
        }
        let mut plain = rand_chacha::ChaCha8Rng::from_seed(Sha256::digest(&named).into());
        let mut stream = Stream::new(7, "S", "P", "U");
        for _ in 0..200 {
            assert_eq!(stream.next_u64(), plain.next_u64());
        }
    }

    #[test]
    fn a_secret_stream_is_the_cipher_under_the_hash_of_its_name() {
        use rand_core::Rng;
        let seed: [u8; 32] = std::array::from_fn(|i| i as u8);
        let mut named = b"croft secret stream 1".to_vec();
        named.extend(seed);
        for label in ["S", "randomisation 1", "site 01"] {
            named.extend((label.len() as u64).to_le_bytes());
            named.extend(label.as_bytes());
        }
        let mut plain = rand_chacha::ChaCha8Rng::from_seed(Sha256::digest(&named).into());
        let mut stream = Stream::from_secret(&seed, "S", "randomisation 1", "site 01");
        for _ in 0..100 {
            assert_eq!(stream.next_u64(), plain.next_u64());
        }
    }

    #[test]
    fn labels_do_not_run_together() {
        let mut a = Stream::new(1, "ab", "c", "");
        let mut b = Stream::new(1, "a", "bc", "");
        assert_ne!(a.next_u64(), b.next_u64());
    }

    #[test]
    fn the_ziggurat_closes() {
        let z = &ZIGGURAT;
        // the top layer must end at x = 0 with height 1
        let last = z.f[255] + (z.x[255] * (1.0 - z.f[255])) / z.x[255];
        assert!((last - 1.0).abs() < 1e-12);
        let area = z.x[1] * (z.f[2] - z.f[1]);
        assert!((z.x[255] * (z.f[256] - z.f[255]) / area - 1.0).abs() < 1e-9, "the layers differ in area");
        assert!(z.x.windows(2).all(|pair| pair[0] > pair[1]));
    }

    /// Largest distance of the empirical distribution from the law, times √n. 1.95 is exceeded once in 1,000 (Kolmogorov).
    fn kolmogorov(mut draws: Vec<f64>, law: &impl Continuous) -> f64 {
        draws.sort_by(f64::total_cmp);
        let n = draws.len() as f64;
        let distance = draws.iter().enumerate().fold(0.0f64, |most, (i, x)| {
            let p = law.cdf(*x);
            most.max((p - i as f64 / n).abs()).max((p - (i + 1) as f64 / n).abs())
        });
        distance * n.sqrt()
    }

    #[test]
    fn draws_follow_their_laws() {
        let n = 200_000;
        let mut s = stream("laws");
        assert!(kolmogorov((0..n).map(|_| s.normal()).collect(), &Normal::STANDARD) < 1.95);
        for shape in [0.3, 1.0, 4.5, 60.0] {
            let law = Gamma::new(shape, 1.0).unwrap();
            assert!(kolmogorov((0..n).map(|_| s.gamma(shape)).collect(), &law) < 1.95, "shape {shape}");
        }
        let far = (0..2_000_000).filter(|_| s.normal().abs() > 4.0).count() as f64;
        // 2,000,000 · 6.334e-5 = 126.7, standard error 11.3
        assert!((far - 126.7).abs() < 4.0 * 11.3, "{far} beyond 4");
    }

    #[test]
    fn whole_numbers_and_orders_are_fair() {
        let mut s = stream("orders");
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            let mut items = [0, 1, 2];
            s.shuffle(&mut items);
            let order = items[0] * 2 + usize::from(items[1] > items[2]);
            counts[order] += 1;
        }
        // each 10,000 with standard error 91
        assert!(counts.iter().all(|c| (f64::from(*c) - 10_000.0).abs() < 4.0 * 91.0), "{counts:?}");
        assert_eq!(s.below(0), 0);
        assert_eq!(s.below(1), 0);
    }

    #[test]
    fn uniform_numbers_stay_inside() {
        let mut s = stream("uniform");
        let draws: Vec<f64> = (0..100_000).map(|_| s.uniform()).collect();
        assert!(draws.iter().all(|u| *u > 0.0 && *u < 1.0));
        let mean = crate::sum::mean(&draws).unwrap();
        assert!((mean - 0.5).abs() < 4.0 * 0.288_675 / 316.2, "{mean}");
    }

    #[test]
    fn a_shape_of_zero_is_refused() {
        assert!(GammaDraw::new(0.0).is_err() && stream("x").gamma(-1.0).is_nan());
    }
}
