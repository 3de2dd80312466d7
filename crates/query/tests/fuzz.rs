//! The fuzz function under seeded mutations of admitted and refused statements.

use croft_query::fuzz::fuzz_sql;
use proptest::prelude::*;

const SEEDS: &[&str] = &[
    "select K, N, C from A where N > 1 and C is not null or K in ('1', '2')",
    "with x as (select K, sum(N) as S from A group by K) select a.K, x.S from A a left join x on x.K = a.K",
    "select K, row_number() over (partition by C order by K nulls first) as R from B",
    "select case C when 'x' then 1 else -1e3 end as X, number(text(N)) as Y from A union all select 1, 2",
    "select (select max(N) from B where B.K = A.K) as M, like_cs(K, '%') is true as Q from A order by K nulls first limit 2",
    "select distinct C from A except select C from B intersect select 'x'",
    "select substr(K, 1, 2) || trim(C) as T, mod(N, 0) as M, study_day(K, C) as D from A",
];

fn words() -> Vec<&'static str> {
    SEEDS
        .iter()
        .flat_map(|s| s.split_whitespace())
        .chain(["(", ")", ",", "'", "\"", "--", "/*", ";", "\u{0}", "é", "1e999", "null"])
        .collect()
}

#[test]
fn the_seeds_pass() {
    for seed in SEEDS {
        fuzz_sql(seed.as_bytes());
    }
    fuzz_sql(&[0xff, 0xfe]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn shuffled_words_never_panic(picks in prop::collection::vec(0usize..10_000, 0..40)) {
        let words = words();
        let text: Vec<&str> = picks.iter().map(|p| words[p % words.len()]).collect();
        fuzz_sql(text.join(" ").as_bytes());
    }

    #[test]
    fn a_word_exchanged_never_panics(seed in 0usize..SEEDS.len(), changes in prop::collection::vec((0usize..100, 0usize..10_000), 1..4)) {
        let words = words();
        let mut text: Vec<&str> = SEEDS[seed].split_whitespace().collect();
        for (at, with) in changes {
            let at = at % text.len();
            text[at] = words[with % words.len()];
        }
        fuzz_sql(text.join(" ").as_bytes());
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,80}") {
        fuzz_sql(text.as_bytes());
    }
}
