import { zoneTypes } from "./cdmb/endpoint.ts";

/** Names of device types as Matter has them, by the home automation profile's number. */
const names = new Map([
  [0x0002, "On/Off Plug-in Unit"],
  [0x0009, "On/Off Plug-in Unit"],
  [0x000a, "Door Lock"],
  [0x0051, "On/Off Plug-in Unit"],
  [0x0100, "On/Off Light"],
  [0x0101, "Dimmable Light"],
  [0x0102, "Extended Color Light"],
  [0x0106, "Light Sensor"],
  [0x0107, "Occupancy Sensor"],
  [0x010a, "On/Off Plug-in Unit"],
  [0x010b, "Dimmable Plug-in Unit"],
  [0x010c, "Color Temperature Light"],
  [0x010d, "Extended Color Light"],
  [0x0202, "Window Covering"],
  [0x0301, "Thermostat"],
  [0x0302, "Temperature Sensor"],
]);

const zones = new Map<number, string>([
  [0x000d, "Motion Sensor"],
  [zoneTypes.contact, "Contact Sensor"],
  [zoneTypes.fire, "Smoke CO Alarm"],
  [0x002a, "Water Leak Detector"],
  [zoneTypes.carbonMonoxide, "Smoke CO Alarm"],
  [0x002d, "Vibration Sensor"],
]);

const IAS_ZONE = 0x0402;

export const deviceTypeName = (deviceType: number, zoneType: number | undefined): string =>
  (deviceType === IAS_ZONE ? (zones.get(zoneType ?? 0) ?? "IAS Zone") : names.get(deviceType)) ??
  `Zigbee ${deviceType.toString(16).padStart(4, "0")}`;
