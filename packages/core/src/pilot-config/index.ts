export { pilotBackbone } from './pilot-backbones'
export { PilotConfigError, pilotModelName, readPilotConfig } from './read-pilot-config'
export type { PilotReading } from './read-pilot-config'
export type { PilotStream } from './stream-settings'
