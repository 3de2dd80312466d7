//! The rules are part of the program: when one of their files changes, the crate is compiled again.

fn main() {
    println!("cargo:rerun-if-changed=rules");
}
