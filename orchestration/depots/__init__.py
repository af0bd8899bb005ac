"""Brings what others deposited elsewhere (a folder, SFTP, S3, WebDAV) into `landing/`, and changes nothing there.

`places` opens a depot, `looking` lists it and judges names, `journal` remembers what was seen and what arrived,
`landing` names a downloaded file, `fetching` does a whole passage. Nothing here reads a delivery.
"""
