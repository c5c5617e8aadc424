/** What the light tells on standard output, one line for each step. */
export type Step =
  | { event: "provisioning"; serial: string; template: string }
  | { event: "retrying"; reason: string }
  | { event: "provisioned"; managedThingId: string; certificateId: string }
  | { event: "connected" }
  | { event: "capabilities"; managedThingId: string }
  | { event: "action"; capability: string; action: string; traceId: string }
  | { event: "state"; on: boolean; level: number; cause: "command" | "switch" }
  | { event: "disconnected"; reason: string }
  | { event: "rejected"; reason: unknown }
  | { event: "removed" }
  | { event: "stopped" }
  | { event: "refused"; statusCode: number; errorCode: string; message: string }
  | { event: "failed"; message: string };

/** As one JSON line for programs, or as a sentence for people. */
export function tell(step: Step, name: string, human: boolean): string {
  return human ? `${name}: ${sentence(step)}` : JSON.stringify(step);
}

function sentence(step: Step): string {
  switch (step.event) {
    case "provisioning":
      return `asking for a certificate with the claim of ${step.template}, serial number ${step.serial}`;
    case "retrying":
      return `not provisioned yet, trying again: ${step.reason}`;
    case "provisioned":
      return `this is managed thing ${step.managedThingId}`;
    case "connected":
      return "connected";
    case "capabilities":
      return "the platform knows what this light can do";
    case "action":
      return `told: ${step.action}`;
    case "state":
      return `${step.on ? "ON" : "off"}, level ${step.level} (${step.cause})`;
    case "disconnected":
      return `disconnected: ${step.reason}`;
    case "rejected":
      return `the platform rejected a message: ${JSON.stringify(step.reason)}`;
    case "removed":
      return "removed from the platform; the permanent certificate is erased";
    case "stopped":
      return "stopped";
    case "refused":
      return `the platform refuses this light: ${step.message} (${step.statusCode} ${step.errorCode})`;
    case "failed":
      return `failed: ${step.message}`;
  }
}
