//! Random numbers: cost a draw. What a power simulation of 10⁶ runs may spend on one normal and two chi-squared numbers
//! a run is 0.1 s, that is 100 ns a run.

use croft_num::random::{GammaDraw, Stream};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const DRAWS: usize = 1_000_000;

fn main() {
    divan::main();
}

fn draws(bencher: Bencher, mut draw: impl FnMut(&mut Stream) -> f64) {
    let mut stream = Stream::new(1, "bench", "draws", "");
    bencher.counter(ItemsCount::new(DRAWS)).bench_local(|| (0..DRAWS).map(|_| draw(&mut stream)).sum::<f64>());
}

#[divan::bench]
fn uniform(bencher: Bencher) {
    draws(bencher, Stream::uniform);
}

#[divan::bench]
fn normal(bencher: Bencher) {
    draws(bencher, Stream::normal);
}

#[divan::bench]
fn chi_squared_22(bencher: Bencher) {
    let law = GammaDraw::chi_squared(22.0).expect("22 is positive");
    draws(bencher, |stream| law.draw(stream));
}

#[divan::bench]
fn one_scaled_run(bencher: Bencher) {
    let within = GammaDraw::chi_squared(46.0).expect("46 is positive");
    let reference = GammaDraw::chi_squared(22.0).expect("22 is positive");
    draws(bencher, |stream| stream.normal() + within.draw(stream) + reference.draw(stream));
}

#[divan::bench]
fn new_stream() -> Stream {
    Stream::new(black_box(1), "study", "purpose", "unit")
}
