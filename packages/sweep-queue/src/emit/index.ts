export type { ClusterWorkers } from './cluster-workers'
export { kubernetesJob } from './kubernetes-job'
export { slurmScript } from './slurm-script'
