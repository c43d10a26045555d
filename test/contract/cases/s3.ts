import { casesOf } from './case';

const Bucket = 'contract-$me';
const made = { Bucket: 'contract-made-$me' };
const nobody = { Bucket: 'contract-nobody' };
const CreateBucketConfiguration = { LocationConstraint: '$region' };
const Key = 'a b/ü&.json';
const tls = JSON.stringify({
  Statement: {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: 'arn:aws:s3:::contract-$me/*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
});

export const s3 = casesOf('s3', (ok, no) => [
  ok('CreateBucket', { Bucket, CreateBucketConfiguration }),
  ok('CreateBucket', { ...made, CreateBucketConfiguration }),
  no('CreateBucket', { Bucket, CreateBucketConfiguration }, 'BucketAlreadyOwnedByYou'),
  no(
    'CreateBucket',
    { Bucket: 'contract-other', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } },
    'IllegalLocationConstraintException',
  ),
  no('CreateBucket', { Bucket: '-contract', CreateBucketConfiguration }, 'InvalidBucketName'),
  ok('ListBuckets'),
  ok('HeadBucket', { Bucket }),
  no('HeadBucket', nobody, '404'),
  ok('GetBucketLocation', { Bucket }),
  no('GetBucketLocation', nobody, 'NoSuchBucket'),
  ok('GetBucketEncryption', { Bucket }),
  no('GetBucketEncryption', nobody, 'NoSuchBucket'),
  ok('PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  no('PutBucketVersioning', { ...nobody, VersioningConfiguration: { Status: 'Enabled' } }, 'NoSuchBucket'),
  no(
    'PutBucketVersioning',
    { Bucket, VersioningConfiguration: {} },
    'IllegalVersioningConfigurationException',
  ),
  ok('GetBucketVersioning', { Bucket }),
  no('GetBucketVersioning', nobody, 'NoSuchBucket'),
  no('GetBucketPolicy', { Bucket }, 'NoSuchBucketPolicy'),
  ok('PutBucketPolicy', { Bucket, Policy: tls }),
  no('PutBucketPolicy', { Bucket, Policy: '{' }, 'MalformedPolicy'),
  no('PutBucketPolicy', { ...nobody, Policy: tls }, 'NoSuchBucket'),
  ok('GetBucketPolicy', { Bucket }),
  no('GetBucketPolicy', nobody, 'NoSuchBucket'),
  ok('DeleteBucketPolicy', { Bucket }),
  no('DeleteBucketPolicy', nobody, 'NoSuchBucket'),

  ok('PutObject', { Bucket, Key, Body: 'one' }, { keep: { written: 'VersionId' } }),
  ok('PutObject', { Bucket, Key: 'c', Body: 'two', IfNoneMatch: '*' }),
  no('PutObject', { Bucket, Key, Body: 'three', IfNoneMatch: '*' }, 'PreconditionFailed'),
  no('PutObject', { Bucket, Key: 'nobody', Body: 'three', IfMatch: '"0"' }, 'NoSuchKey'),
  no('PutObject', { ...nobody, Key, Body: 'one' }, 'NoSuchBucket'),
  no('PutObject', { Bucket, Key, Body: 'one', ContentMD5: '1B2M2Y8AsgTpgAmY7PhCfg==' }, 'BadDigest'),
  ok('GetObject', { Bucket, Key }),
  ok('GetObject', { Bucket, Key, Range: 'bytes=0-1' }),
  no('GetObject', { Bucket, Key, Range: 'bytes=9-12' }, 'InvalidRange'),
  no('GetObject', { Bucket, Key: 'nobody' }, 'NoSuchKey'),
  no('GetObject', { Bucket, Key, VersionId: 'nobody' }, 'NoSuchVersion'),
  no('GetObject', { ...nobody, Key }, 'NoSuchBucket'),
  ok('HeadObject', { Bucket, Key }),
  no('HeadObject', { Bucket, Key: 'nobody' }, '404'),
  ok('ListObjectsV2', { Bucket, MaxKeys: 1 }, { keep: { token: 'NextContinuationToken' } }),
  ok('ListObjectsV2', { Bucket, MaxKeys: 1, ContinuationToken: '$token' }),
  ok('ListObjectsV2', { Bucket, Delimiter: '/' }),
  no('ListObjectsV2', { Bucket, ContinuationToken: 'never given out' }, 'InvalidArgument'),
  no('ListObjectsV2', nobody, 'NoSuchBucket'),
  ok('DeleteObject', { Bucket, Key }, { keep: { marker: 'VersionId' } }),
  no('GetObject', { Bucket, Key, VersionId: '$marker' }, 'MethodNotAllowed'),
  no('DeleteObject', { ...nobody, Key }, 'NoSuchBucket'),
  ok('ListObjectVersions', { Bucket }),
  no('ListObjectVersions', nobody, 'NoSuchBucket'),
  no('ListObjectVersions', { Bucket, MaxKeys: -1 }, 'InvalidArgument'),
  no('DeleteBucket', { Bucket }, 'BucketNotEmpty'),
  ok('DeleteObjects', {
    Bucket,
    Delete: { Objects: [{ Key: 'c' }, { Key, VersionId: '$written' }, { Key, VersionId: '$marker' }] },
  }),
  no('DeleteObjects', { Bucket, Delete: { Objects: [] } }, 'MalformedXML'),
  no('DeleteObjects', { ...nobody, Delete: { Objects: [{ Key }] } }, 'NoSuchBucket'),
  ok('DeleteBucket', made),
  no('DeleteBucket', made, 'NoSuchBucket'),
]);
