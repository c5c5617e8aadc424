import { ServiceError } from "@hearth/contract";
import { invalid } from "../errors.ts";

/** What jobs of IoT Core refuse, as managed integrations says it: a ValidationException that names its own member. */
export function inOwnWords<Result>(member: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.name !== "InvalidRequestException") throw error;
    const message = error.message
      .replace(/^schedulingConfig: /, "")
      .replace(/\b(startTime|endTime|maintenanceWindows)\b/g, (name) => name.charAt(0).toUpperCase() + name.slice(1));
    throw invalid(`${member}: ${message}.`);
  }
}
