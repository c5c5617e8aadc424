import { checkParameters, checkProperty } from "./command.ts";
import type { CapabilityReport, DeviceMessage, MessageAction, MessageCapability, MessageEndpoint } from "./messages.ts";
import { indexOfReport, type ReportedCapability } from "./report-index.ts";
import { librarySchemas, type SchemaSet } from "./schema-set.ts";
import { Findings, type Violation } from "./violation.ts";

interface Place {
  path: string;
  where: { endpointId: string; capabilityId: string };
  findings: Findings;
}

type Inspect = (known: ReportedCapability, capability: MessageCapability, place: Place) => void;

/**
 * What a device says in a message, against its own report: that it has the endpoints, capabilities, properties,
 * events and actions, and that values and parameters are of their types. Empty when all of it is so.
 */
export function validateDeviceMessage(
  report: CapabilityReport,
  message: DeviceMessage,
  schemas: SchemaSet = librarySchemas,
): Violation[] {
  const { messageType, endpoints = [] } = message;
  const isResponse = messageType === "DEVICE_COMMAND_RESPONSE";
  return inspect(report, endpoints, schemas, (known, capability, place) => {
    if (isResponse) inspectResponses(known, capability, place);
    else inspectRequests(known, capability, place);
    inspectProperties(known, capability, place);
    inspectEvents(known, capability, place);
  });
}

/** Of {@link validateDeviceMessage} the properties only. */
export function validateProperties(
  report: CapabilityReport,
  endpoints: readonly MessageEndpoint[],
  schemas: SchemaSet = librarySchemas,
): Violation[] {
  return inspect(report, endpoints, schemas, inspectProperties);
}

/** Of {@link validateDeviceMessage} the events only. */
export function validateEvents(
  report: CapabilityReport,
  endpoints: readonly MessageEndpoint[],
  schemas: SchemaSet = librarySchemas,
): Violation[] {
  return inspect(report, endpoints, schemas, inspectEvents);
}

/**
 * The answer to a command: actions that the capability has, their response codes, errors and response parameters,
 * and the properties that changed.
 */
export function validateResponse(
  report: CapabilityReport,
  endpoints: readonly MessageEndpoint[],
  schemas: SchemaSet = librarySchemas,
): Violation[] {
  return inspect(report, endpoints, schemas, (known, capability, place) => {
    inspectResponses(known, capability, place);
    inspectProperties(known, capability, place);
  });
}

function inspect(
  report: CapabilityReport,
  endpoints: readonly MessageEndpoint[],
  schemas: SchemaSet,
  look: Inspect,
): Violation[] {
  const index = indexOfReport(report, schemas);
  const findings = new Findings();
  for (let i = 0; i < endpoints.length && !findings.isFull; i++) {
    const { endpointId, capabilities } = endpoints[i]!;
    const reported = index.get(endpointId);
    if (!reported) {
      findings.add(`endpoints[${i}].endpointId`, "endpointId", "is not in the capability report", { endpointId });
      continue;
    }
    for (let j = 0; j < capabilities.length; j++) {
      const capability = capabilities[j]!;
      const where = { endpointId, capabilityId: capability.id };
      const path = `endpoints[${i}].capabilities[${j}]`;
      const known = reported.get(capability.id);
      if (known) look(known, capability, { path, where, findings });
      else findings.add(`${path}.id`, "id", "is not in the capability report", where);
    }
  }
  return findings.violations;
}

const inspectProperties: Inspect = (known, { properties = [] }, { path, where, findings }) => {
  for (let i = 0; i < properties.length && !findings.isFull; i++) {
    const { name, value } = properties[i]!;
    // The path is text that only a violation needs.
    if (known.properties.has(name) && !known.schema?.property(name)?.(value)) continue;
    checkProperty(known, name, value, `${path}.properties[${i}].value`, findings, where);
  }
};

const inspectEvents: Inspect = (known, { events = [] }, { path, where, findings }) => {
  for (let i = 0; i < events.length && !findings.isFull; i++) {
    const { name, parameters = {} } = events[i]!;
    const eventPath = `${path}.events[${i}]`;
    if (!known.events.has(name)) findings.add(`${eventPath}.name`, name, "is not an event of the capability", where);
    const checks = known.schema?.event(name);
    if (checks) checkParameters(checks, parameters, `${eventPath}.parameters`, findings, where);
  }
};

const ERROR_CODE = /^[a-zA-Z0-9_]{1,64}$/;

const inspectResponses: Inspect = (known, { actions = [] }, { path, where, findings }) => {
  for (let i = 0; i < actions.length && !findings.isFull; i++) {
    const action = actions[i]!;
    const actionPath = `${path}.actions[${i}]`;
    if (!known.actions.has(action.name)) {
      findings.add(`${actionPath}.name`, action.name, "is not an action of the capability", where);
    }
    inspectOutcome(action, actionPath, findings, where);
    const response = known.schema?.action(action.name)?.response;
    if (response && action.parameters) {
      checkParameters(response, action.parameters, `${actionPath}.parameters`, findings, where);
    }
  }
};

/** A command that the device starts: what it asks for is for the app to judge (reference 7.3, U22). */
const inspectRequests: Inspect = (known, { actions = [] }, { path, where, findings }) => {
  for (let i = 0; i < actions.length && !findings.isFull; i++) {
    const { name } = actions[i]!;
    if (known.actions.has(name)) continue;
    findings.add(`${path}.actions[${i}].name`, name, "is not an action of the capability", where);
  }
};

/** `responseCode` 100 to 599, `errors` of code and message (reference 5.3). */
function inspectOutcome(action: MessageAction, path: string, findings: Findings, where: Place["where"]): void {
  const { responseCode, errors = [] } = action;
  const isCode = Number.isInteger(responseCode) && responseCode! >= 100 && responseCode! <= 599;
  if (!isCode) findings.add(`${path}.responseCode`, action.name, "must be an integer from 100 to 599", where);
  for (const [i, error] of errors.entries()) {
    if (ERROR_CODE.test(error.code)) continue;
    findings.add(`${path}.errors[${i}].code`, action.name, "must be 1 to 64 letters, digits or _", where);
  }
}
