//! Stops the build where the pinned Z3 is missing, and tells the linker where
//! it is. Without this check a build links any Z3 the system has.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=Z3_SYS_Z3_VERSION");
    println!("cargo::rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    match link() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

fn link() -> Result<(), String> {
    let required = env::var("Z3_SYS_Z3_VERSION").map_err(|_| {
        "the settings of .cargo/config.toml are not in effect: \
         run cargo inside the repository"
            .to_owned()
    })?;
    println!("cargo::rustc-env=CROSSFIELD_Z3_VERSION={required}");

    let root = env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    let home = Path::new(&root).join(".z3");
    let os = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let library = home.join("lib").join(match os.as_str() {
        "macos" => "libz3.dylib",
        "windows" => "libz3.dll",
        _ => "libz3.so",
    });
    let stamp = home.join("version");
    println!("cargo::rerun-if-changed={}", library.display());
    println!("cargo::rerun-if-changed={}", stamp.display());

    if !library.is_file() {
        return Err(format!(
            "Z3 {required} is missing ({} does not exist): run `make setup`",
            library.display()
        ));
    }
    let found = fs::read_to_string(&stamp).unwrap_or_default();
    let found = found.trim();
    if found != required && !found.starts_with(&format!("{required}.")) {
        return Err(format!(
            "Z3 {required} is needed and {} holds {}: run `make setup`",
            home.display(),
            if found.is_empty() {
                "an unknown version"
            } else {
                found
            }
        ));
    }

    println!(
        "cargo::rustc-link-search=native={}",
        home.join("lib").display()
    );
    if os != "windows" {
        println!(
            "cargo::rustc-link-arg=-Wl,-rpath,{}",
            home.join("lib").display()
        );
    }
    Ok(())
}
