import { basename, join, resolve } from 'node:path'
import type { LoggedEvent } from '@pilotjs/eval'
import { UsageError } from '../usage-error'

export const TRACKERS = ['tensorboard', 'mlflow'] as const
export type TrackerKind = (typeof TRACKERS)[number]

/** A tracker as it is asked for: `tensorboard`, `tensorboard=FOLDER`, `mlflow=URL`. */
export interface TrackerChoice {
  readonly kind: TrackerKind
  /** A folder or an address. */
  readonly place?: string
}

/** Reads `tensorboard`, `tensorboard=FOLDER` or `mlflow=URL`. @throws UsageError */
export function readTracker(text: string): TrackerChoice {
  const [, kind = '', , place] = /^([^=]+)(=(.+))?$/.exec(text) ?? []
  if (!TRACKERS.includes(kind as TrackerKind))
    throw new UsageError(`a tracker is one of ${TRACKERS.join(', ')}, got "${text}"; e.g. mlflow=http://localhost:5000`)
  return { kind: kind as TrackerKind, ...(place === undefined ? {} : { place }) }
}

/**
 * A tracker for one run. The package with the trackers is loaded only now.
 * @param folder the run's
 * @throws UsageError where MLflow's address is missing
 */
export async function openTracker({ kind, place }: TrackerChoice, folder: string, cwd: string, env = process.env) {
  const { mlflowTracker, tensorboardTracker } = await import('@pilotjs/trackers')
  if (kind === 'tensorboard') {
    // Of many runs in one folder, each has its own in it, as `tensorboard --logdir` wants it.
    const own = place === undefined ? join(folder, 'tensorboard') : join(resolve(cwd, place), basename(folder))
    return tensorboardTracker({ folder: own })
  }
  const url = place ?? env.MLFLOW_TRACKING_URI
  if (url === undefined)
    throw new UsageError('where is MLflow? Say mlflow=http://localhost:5000, or set MLFLOW_TRACKING_URI')
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: name, MLFLOW_TRACKING_PASSWORD: password } = env
  return mlflowTracker({
    url,
    ...(env.MLFLOW_EXPERIMENT_NAME === undefined ? {} : { experiment: env.MLFLOW_EXPERIMENT_NAME }),
    ...(token === undefined ? {} : { token }),
    ...(name === undefined ? {} : { user: { name, password: password ?? '' } }),
  })
}

/** Trackers that follow a run while it goes on. */
export interface Following {
  take(event: LoggedEvent): void
  close(): Promise<void>
}

/** @param onProblem told where a tracker fails: the run goes on without it */
export async function followWith(
  choices: readonly TrackerChoice[],
  folder: string,
  cwd: string,
  onProblem: (message: string) => void,
): Promise<Following | undefined> {
  if (choices.length === 0) return undefined
  const { liveTracker } = await import('@pilotjs/trackers')
  const trackers = await Promise.all(
    choices.map(async (choice) =>
      liveTracker(await openTracker(choice, folder, cwd), {
        onProblem: (message) => onProblem(`${message}; pilot track --to ${choice.kind} RUN catches up`),
      }),
    ),
  )
  return {
    take: (event) => trackers.forEach((tracker) => tracker.take(event)),
    close: async () => void (await Promise.all(trackers.map((tracker) => tracker.close()))),
  }
}
