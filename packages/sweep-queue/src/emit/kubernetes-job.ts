import type { ClusterWorkers } from './cluster-workers'
import { requireSane, workerWords } from './cluster-workers'

/**
 * Where the claim of the sweep's folder is mounted from, and the secret that holds the queue's address: to be made beforehand.
 */
const CLAIM = 'pilot-sweep'
const SECRET = 'pilot-queue'

/**
 * An Indexed Job of workers for Kubernetes (batch/v1; https://kubernetes.io/docs/concepts/workloads/controllers/job/), as an
 * object to be printed as JSON, which kubectl takes. The queue's address comes from the secret `pilot-queue` (key `url`), the
 * sweep's folder from the volume claim `pilot-sweep`. @param image one that has `pilot` and `@pilotjs/sweep-queue`
 */
export function kubernetesJob(workers: ClusterWorkers, image: string) {
  requireSane(workers)
  const { name, count, cores, memory, out } = workers
  const [command, ...args] = workerWords(workers)
  return {
    apiVersion: 'batch/v1' as const,
    kind: 'Job' as const,
    metadata: { name },
    spec: {
      completionMode: 'Indexed' as const,
      completions: count,
      parallelism: count,
      // A node that goes away is no fault of the worker's: its run is given to another, and a new worker may come.
      backoffLimitPerIndex: 3,
      maxFailedIndexes: count,
      template: {
        spec: {
          restartPolicy: 'Never' as const,
          // Time to give runs back: they stop at the next step.
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: 'worker',
              image,
              command: [command!],
              args,
              env: [{ name: 'PILOT_QUEUE', valueFrom: { secretKeyRef: { name: SECRET, key: 'url' } } }],
              resources: {
                requests: { cpu: String(cores), memory: `${memory}Gi` },
                limits: { cpu: String(cores), memory: `${memory}Gi` },
              },
              volumeMounts: [{ name: 'sweep', mountPath: out }],
            },
          ],
          volumes: [{ name: 'sweep', persistentVolumeClaim: { claimName: CLAIM } }],
        },
      },
    },
  }
}
