import fc from "fast-check";

/**
 * Properties try the same values in every run, so that a change is judged by what it changed. `HEARTH_SEED=<integer>
 * npm test` tries others, and the long runs (vitest.long.config.ts) do each time.
 */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env["HEARTH_SEED"] ?? 1) });
