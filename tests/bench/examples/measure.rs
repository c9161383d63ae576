//! Scratch: size, instructions and memory of binaries in a folder.
use bench::instructions::count_instructions;
use bench::programs::{Programs, workspace_root};
use bench::timing::Timings;

#[tokio::main]
async fn main() {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let out = std::path::PathBuf::from("/tmp/w/parts-bench");
    std::fs::create_dir_all(&out).unwrap();
    let programs = Programs::start(folder.clone(), &out).await.unwrap();
    let errors = programs.function("errors").unwrap();
    for (name, event) in [
        ("errors", None),
        ("plugin-engine", None),
        ("errors-trends", Some("errors-trends.get.json")),
        ("tasks", Some("tasks.get.json")),
    ] {
        let path = folder.join(name);
        if !path.exists() {
            continue;
        }
        let mut program = match event {
            None => programs.function(name).unwrap(),
            Some(file) => {
                let mut program = errors.clone();
                program.name = name;
                program.command = vec![path.clone()];
                let mut event: serde_json::Value =
                    serde_json::from_slice(&std::fs::read(workspace_root().join("events").join(file)).unwrap())
                        .unwrap();
                event["headers"]["authorization"] = errors.event["headers"]["authorization"].clone();
                program.event = event;
                program
            }
        };
        program.command = vec![path.clone()];
        let zip = out.join("package.zip");
        let _ = std::fs::remove_file(&zip);
        assert!(
            std::process::Command::new("python3")
                .args(["-m", "zipfile", "-c"])
                .args([&zip, &path])
                .status()
                .unwrap()
                .success()
        );
        let mut timings = Timings::default();
        for _ in 0..3 {
            timings.measure_start(&program, 200).await.unwrap();
        }
        let counts = count_instructions(&program, &out).await.unwrap();
        println!(
            "{name}: {} bytes, {} zipped, rss {} KiB, {counts:?}",
            std::fs::metadata(&path).unwrap().len(),
            std::fs::metadata(&zip).unwrap().len(),
            timings.max_rss_kib
        );
    }
}
