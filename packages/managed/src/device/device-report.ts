import type { CapabilityReport, DeviceMessage, MessageAction } from "@hearth/data-model";
import type { CapabilityNames, ReportedCapability } from "../state/state.ts";

/** What a device's message says, in the order in which it says it. Capability ids are complete after validation. */

export const reportedProperties = (message: DeviceMessage): ReportedCapability[] =>
  (message.endpoints ?? []).flatMap((endpoint) =>
    endpoint.capabilities
      .filter((capability) => (capability.properties ?? []).length > 0)
      .map((capability) => ({
        endpointId: endpoint.endpointId,
        capabilityId: capability.id,
        properties: (capability.properties ?? []).map(({ name, value }) => ({ name, value })),
      })),
  );

const answeredActions = (message: DeviceMessage): MessageAction[] =>
  (message.endpoints ?? []).flatMap((endpoint) =>
    endpoint.capabilities.flatMap((capability) => capability.actions ?? []),
  );

/** A command succeeded when each of the actions that were asked for was answered, and well. */
export function commandSucceeded(message: DeviceMessage, asked: number): boolean {
  const actions = answeredActions(message);
  return (
    actions.length >= asked &&
    actions.every(({ responseCode }) => responseCode !== undefined && isSuccess(responseCode))
  );
}

/** The actions of an answer that did not succeed, by name and code. */
export const failedActions = (message: DeviceMessage): { name: string; responseCode: number | undefined }[] =>
  answeredActions(message)
    .filter(({ responseCode }) => responseCode === undefined || !isSuccess(responseCode))
    .map(({ name, responseCode }) => ({ name, responseCode }));

const isSuccess = (code: number): boolean => code >= 200 && code < 300;

/**
 * The payload of DEVICE_EVENT (reference 7.3): what the device reported, with the capability's names. Modelled events
 * carry the number and time that the platform journals (U8). Undefined when nothing was reported.
 */
export function eventPayload(
  message: DeviceMessage,
  names: CapabilityNames,
  journal: { eventNumber: number | undefined; timestamp: string },
): unknown {
  const endpoints = (message.endpoints ?? []).flatMap(({ endpointId, capabilities }) => {
    const reporting = capabilities.flatMap(({ id, properties = [], events = [] }) => {
      if (properties.length === 0 && events.length === 0) return [];
      return {
        id,
        ...names(endpointId, id),
        ...(properties.length === 0 ? {} : { properties: properties.map(({ name, value }) => ({ name, value })) }),
        ...(events.length === 0
          ? {}
          : {
              events: events.map(({ name, parameters = {} }) => ({
                name,
                parameters,
                eventNumber: journal.eventNumber,
                timestamp: journal.timestamp,
              })),
            }),
      };
    });
    return reporting.length === 0 ? [] : { endpointId, capabilities: reporting };
  });
  return endpoints.length === 0 ? undefined : { endpoints };
}

/** The payload of DEVICE_COMMAND_REQUEST: a command that the device starts (reference 7.3, U22). */
export const requestPayload = (message: DeviceMessage, names: CapabilityNames): unknown => ({
  endpoints: (message.endpoints ?? []).map(({ endpointId, capabilities }) => ({
    endpointId,
    capabilities: capabilities.map(({ id, actions = [] }) => ({ id, ...names(endpointId, id), actions })),
  })),
});

/** Completes ids that came without their version by those of the device's own report (docs/device-protocol.md). */
export function completeIds(message: DeviceMessage, report: CapabilityReport): DeviceMessage {
  const complete = (endpointId: string, id: string): string => {
    if (id.includes("@")) return id;
    const endpoint = report.endpoints.find((candidate) => candidate.id === endpointId);
    return endpoint?.capabilities.find((candidate) => candidate.id.startsWith(`${id}@`))?.id ?? id;
  };
  return {
    ...message,
    endpoints: message.endpoints?.map((endpoint) => ({
      ...endpoint,
      capabilities: endpoint.capabilities.map((capability) => ({
        ...capability,
        id: complete(endpoint.endpointId, capability.id),
      })),
    })),
  };
}
