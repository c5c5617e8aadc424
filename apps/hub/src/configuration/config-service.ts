import type { JsonObject } from "@hearth/device-sdk";

/**
 * Bus service `config`, of HubOnboarding, the one writer of `iotmi_config.json`. It publishes `config.changed`
 * `{ provisioned }` when the hub becomes provisioned and when it is erased.
 */
export interface ConfigService {
  /** The documented keys of both sections (reference 10.4), no other: `ro` may hold what is nobody's business. */
  read(request: Record<string, never>): Promise<{ ro: JsonObject; rw: JsonObject }>;
  /**
   * The last step of off-boarding (reference 10.13): has the proxy send what is queued and disconnect, erases the
   * permanent certificate and key, and leaves in `rw` only `NOT_PROVISIONED` and `metadata`. May be repeated. Onboarding
   * then waits for another configuration file, or for the next start.
   */
  erase(request: Record<string, never>): Promise<Record<string, never>>;
}
