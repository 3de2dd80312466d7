//! A PostgreSQL of a test's own: made, started, stopped and removed with it.
//!
//! The server refuses to run as root; then it runs as `postgres`, or as `nobody`. It listens on a socket in its own folder and on nothing else.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A running cluster.
pub struct Cluster {
    folder: PathBuf,
    bin: PathBuf,
    user: Option<&'static str>,
}

impl Cluster {
    /// Starts one. Where PostgreSQL is not installed it says that the test skips.
    ///
    /// # Panics
    /// When it is installed and does not start.
    pub fn start(name: &str) -> Option<Self> {
        let Some(bin) = installed() else {
            eprintln!("skipped: no postgresql");
            return None;
        };
        // A socket's path is short by law, so the folder is in the system's own place for such.
        let folder = std::env::temp_dir().join(format!("croft-pg-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for the cluster");
        let user = is_root().then(other_user);
        let cluster = Self { folder, bin, user };
        if let Some(user) = user {
            run(Command::new("chown").arg("-R").arg(user).arg(&cluster.folder));
        }
        run(cluster
            .command("initdb")
            .args(["--auth=trust", "--username=croft", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(cluster.data()));
        cluster.up();
        Some(cluster)
    }

    /// Starts the server again after [`Self::kill`].
    pub fn up(&self) {
        let options = format!("-c listen_addresses='' -c unix_socket_directories='{}'", self.folder.display());
        run(self
            .command("pg_ctl")
            .args(["start", "-w", "-s", "-l"])
            .arg(self.folder.join("log"))
            .args(["-o", &options, "-D"])
            .arg(self.data()));
    }

    /// Ends the server at once, as a failing machine would.
    pub fn kill(&self) {
        run(self.command("pg_ctl").args(["stop", "-m", "immediate", "-s", "-D"]).arg(self.data()));
    }

    /// The address of its database.
    pub fn address(&self) -> String {
        let socket: String = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://croft@{socket}/postgres")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.command("pg_ctl").args(["stop", "-m", "immediate", "-s", "-D"]).arg(self.data()).status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of the newest version's programs.
fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> =
        versions.flatten().map(|v| v.path().join("bin")).filter(|bin| bin.join("initdb").is_file()).collect();
    found.sort();
    found.pop()
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt as _;
        own.uid() == 0
    })
}

fn other_user() -> &'static str {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    if known.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" }
}

fn run(command: &mut Command) {
    let shown = format!("{command:?}");
    let status = command.status().unwrap_or_else(|e| panic!("{shown}: {e}"));
    assert!(status.success(), "{shown}: {status}");
}
