// Bundles the client with its only library into dist/, which is committed: `npm install <folder>` links the folder and neither builds
// it nor installs what it depends on, so the folder must be complete as it lies in the repository.
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  platform: "neutral",
  target: "es2022",
  dts: true,
  hash: false,
  fixedExtension: false,
  tsconfig: "tsconfig.build.json",
  deps: { alwaysBundle: [/^openapi-/], onlyBundle: ["openapi-fetch", "openapi-typescript-helpers"] },
  banner: "// Contains openapi-fetch and openapi-typescript-helpers, Copyright (c) 2023 Drew Powers, MIT License.",
});
