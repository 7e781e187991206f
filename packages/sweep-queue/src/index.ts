export { addressOf, connect, type Connection, type RedisAddress } from './connection'
export { kubernetesJob, slurmScript, type ClusterWorkers } from './emit/index'
export { QueueError, type QueueCode } from './queue-error'
export { PREFIX, QUEUE, type Answer, type News, type Order, type OrderState, type QueuedRun } from './queued-run'
export {
  jobName,
  openSweepQueue,
  type OrderTerms,
  type SendOptions,
  type SweepQueue,
  type SweepQueueOptions,
} from './sweep-queue'
export { work, type WorkOptions, type WorkerOptions } from './worker'
