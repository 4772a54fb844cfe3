# Recipes by the names that CI uses; `.ci/run` runs them all without `just`.

default: check test

# Formatting, lints, licences, spelling, generated files
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo deny check
    typos
    cargo xtask generate --check

# Everything that needs Rust alone
test:
    cargo test --workspace

# The workspace of this repository, exported as the README says, against the committed tree
export:
    cargo run --release -- export rendered environments --recursive
    cargo xtask golden --release --check

# What Go's libraries answer, against the committed files (needs Go)
oracle:
    cargo xtask oracle --check

# Accept what renga and its workspace now yield; read the difference before you commit it
bless:
    cargo xtask generate
    cargo xtask golden
    cargo insta review

# Against `tk` and `jsonnet` on PATH; takes minutes and wants a quiet machine
bench *flags:
    cargo xtask bench {{flags}}

# Everything CI does
ci:
    .ci/run
