{{ preparer(ref('echelles')) }}
