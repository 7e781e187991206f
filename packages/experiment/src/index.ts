export { ExperimentError, isExperimentError } from './experiment-error'
export type { AnyExperimentError, ExperimentCode, ExperimentFacts } from './experiment-error'
export { beginRun, learnRun, type LearnEvent } from './learn-run'
export { openLearner, type OpenLearner, type OpenLearnerOptions } from './open-learner'
export { optionNames } from './planning/method-options'
export { planRuns, type PlanOptions, type RunPlan } from './planning/plan-runs'
export type { Settings } from './planning/settings'
export { predictImages, type Prediction, type PredictOptions } from './predict'
export type { FoundPackage } from './registry/find-packages'
export type { PackageKind, PackageKinds } from './registry/package-kinds'
export { registerBackbones } from './registry/register-backbones'
export { createRegistry, type Loaded, type Registry, type RegistryOptions } from './registry/registry'
export {
  experimentEvents,
  resumedEvents,
  resumeExperiment,
  runExperiment,
  type ExperimentEvent,
  type ExperimentSettings,
  type FinishedTask,
  type ResumeSettings,
} from './run-experiment'
export type { RunMetrics } from './run-directory/layout'
export { metricsOf, openRun, type RunDirectory } from './run-directory/open-run'
export { runConfigSchema, type RunConfig, type RunConfigInput } from './run-directory/run-config'
export { runInDirectory, type RunInDirectoryOptions } from './run-directory/run-in-directory'
export { fencesIn } from './run-directory/writing-place'
export { createRun, resumeRun, type OwnedRun } from './run-directory/write-run'
export { checkSweep, type CheckedSweep } from './sweep/check-sweep'
export { childExecutor, type ChildExecutorOptions } from './sweep/child-executor'
export { codeVersions, otherVersions } from './sweep/code-versions'
export { countRuns } from './sweep/expand-sweep'
export { packRun, unpackRun } from './sweep/pack-run'
export { planSweep, type PlannedRun, type SweepPlan } from './sweep/plan-sweep'
export { readSweep } from './sweep/read-sweep'
export { machine, shareOut, type Machine, type Resources } from './sweep/resources'
export { runSweep, type RunSweepOptions, type SweepEvent, type SweepOutcome } from './sweep/run-sweep'
export { serveRun } from './sweep/serve-run'
export { markOf, openSweepFolder, runsIn, type SweepFolder } from './sweep/sweep-folder'
export type { Execute, ExecuteOptions, RunNews, RunSaved, SweepRun, TaskNews } from './sweep/sweep-run'
export { parseSweep, type SweepInput, type SweepSettings } from './sweep/sweep-settings'
export { rungsOf, runsOf, type Rung } from './tune/halving'
export { drawTrials, parseSpace, type Draw, type SearchSpace } from './tune/search-space'
export { tune, type Trial, type Tuned, type TuneOptions, type TuneSettings } from './tune/tune'
export {
  createWorkbench,
  type Experiment,
  type OnPreparing,
  type Workbench,
  type WorkbenchOptions,
} from './workbench/workbench'
