#!/usr/bin/env node
import { register } from "tsx/esm/api";

// The sources are TypeScript and run as they are; this teaches Node to load them.
register();
await import("../src/cli.ts");
