{{ preparer(ref('baremes_usages')) }}
