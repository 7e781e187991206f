import { StateError } from './state-error'

/** Where in a store the states lie. */
export interface StateAddress {
  readonly bucket: string
  /** What every key begins with; empty, or ending in `/`. */
  readonly prefix: string
  /** For logs. */
  readonly shown: string
}

/**
 * `s3://BUCKET[/PREFIX]`. Who may write there, and at which server, is for the environment to say: an address goes through the
 * queue, and is shown. @throws StateError `state-address`
 */
export function stateAddress(url: string): StateAddress {
  // Bucket names as S3 has them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  const [, bucket, rest = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/.exec(url) ?? []
  // What was written is not repeated: a password may be among it.
  if (bucket === undefined)
    throw new StateError(
      'state-address',
      'the state store is no address of a bucket; such is s3://BUCKET/PREFIX, its server and keys in AWS_ENDPOINT_URL, ' +
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    )
  const path = rest.split('/').filter(Boolean).join('/')
  return { bucket, prefix: path === '' ? '' : `${path}/`, shown: `s3://${bucket}${path === '' ? '' : `/${path}`}` }
}
