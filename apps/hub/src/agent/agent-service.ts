import type { CommandEndpoint, ResponseEndpoint } from "../plugins/protocol-plugin.ts";

/**
 * Bus service `agent`. It publishes `agent.response` (LocalResponse) when a local command is done.
 */
export interface AgentService {
  /** A command of this hub's own: from the IPC socket or a routine. Runs only with a valid local token (reference 10.8). */
  command(request: LocalCommand): Promise<{ accepted: boolean; reply: string }>;
  tokenState(request: Record<string, never>): Promise<TokenState>;
  /** Off-boarding: the token, its key and the commands that are remembered are gone afterwards. */
  erase(request: Record<string, never>): Promise<Record<string, never>>;
}

export interface LocalCommand {
  traceId: string;
  managedThingId: string;
  nodeId?: string;
  endpoints: CommandEndpoint[];
}

/** `remaining` in milliseconds. */
export interface TokenState {
  valid: boolean;
  connected: boolean;
  remaining: number;
}

/** Body of `agent.response`; times in milliseconds since the epoch. */
export interface LocalResponse {
  traceId: string;
  managedThingId: string;
  nodeId: string;
  receivedAt: number;
  executedAt: number;
  endpoints: ResponseEndpoint[];
}

/** To the letter (reference 10.8). */
export const COMMAND_RECEIVED = "Command received, will send command response back";
export const NO_TOKEN = "No valid token for local command, cannot process.";
