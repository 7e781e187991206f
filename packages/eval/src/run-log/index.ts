export { describeEvent, describeTask, metricsOf as loggedMetrics } from './describe-event'
export { LOG_FORMAT, loggedEventSchema, type LoggedEvent, type LoggedKind } from './logged-event'
export { parseRunLog, settledEvents, type RunLog } from './read-run-log'
