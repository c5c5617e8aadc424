/** What a dimmable light says of itself, on each of these endpoints. */
export const lightReport = (endpointIds: readonly string[], onOffActions: readonly string[]) => ({
  version: "1.0.0",
  nodeId: "light-1",
  endpoints: endpointIds.map((id) => ({
    id,
    deviceTypes: ["Dimmable Light"],
    capabilities: [
      {
        id: "matter.OnOff@1.4",
        name: "On/Off",
        version: "6",
        properties: ["OnOff", "OnTime"],
        actions: onOffActions,
        events: [],
      },
      {
        id: "matter.LevelControl@1.4",
        name: "Level Control",
        version: "6",
        properties: ["CurrentLevel"],
        actions: ["MoveToLevel"],
        events: [],
      },
    ],
  })),
});
