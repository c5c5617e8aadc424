import { ServiceException } from "@hearth/client";
import { CommandError } from "../command-error.ts";
import { runningServer } from "../running-server.ts";
import { describeEvents, type ListedEvent } from "./describe-events.ts";

/** `hearth why`: what happened to a client, to a certificate, or who was refused lately, and why. */
export async function why(
  clientId: string | undefined,
  { certificate, json }: { certificate?: string; json?: boolean },
): Promise<void> {
  if (clientId !== undefined && certificate !== undefined) {
    throw new CommandError("Name a client id or a certificate, not both.");
  }
  const server = runningServer();
  if (!(await server.answers()))
    throw new CommandError(`${server.file.apiEndpoint} does not answer. Start the server.`);
  const events: ListedEvent[] = [];
  const about = { ClientId: clientId, CertificateId: certificate };
  try {
    for await (const { Events } of server.client("hearth").pages("ListConnectionEvents", about)) events.push(...Events);
  } catch (error) {
    throw error instanceof ServiceException ? new CommandError(error.message) : error;
  }
  process.stdout.write(
    json ? `${JSON.stringify(events, null, 2)}\n` : describeEvents(events, { clientId, certificate }),
  );
}
