export type {
  CertificateHandler,
  CertificateType,
  CreateCertificateHandler,
  KeyMaterial,
} from "./certificates/certificate-handler.ts";
export type { HubSettings, Part, PartContext, PartName } from "./part.ts";
export type { CreateProtocolPlugin, PluginContext, PluginWord, ProtocolPlugin } from "./plugins/custom-plugin.ts";
export type {
  CapabilityReport,
  CommandEndpoint,
  Label,
  RadioDevice,
  RadioHealth,
  RadioService,
  ResponseEndpoint,
  StateEndpoint,
} from "./plugins/protocol-plugin.ts";
