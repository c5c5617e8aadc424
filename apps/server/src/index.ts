export { builtOperations } from "./built-operations.ts";
export { type Configuration, ConfigurationError, loadConfiguration } from "./configuration.ts";
export type { HearthFile } from "./hearth-file.ts";
export { ListenError } from "./listeners/listeners.ts";
export { type Platform, startPlatform } from "./platform.ts";
export { type Server, startServer } from "./server.ts";
export { StoreError } from "./store.ts";
