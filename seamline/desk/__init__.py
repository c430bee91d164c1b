"""The analyst's desk: a web page where suspects are judged and cases are made, over the SDK.

    from seamline.desk.application import create_app
    from seamline.desk.settings import DeskSettings

    app = create_app(DeskSettings(folder=Path("desk")))

Pages are rendered here and made lively by plain ES modules of `static/`; what a page changes goes to a route below
/api/ as JSON. `store/` keeps everything, `people/` says who may do what, `casefile/` is what is handed on.
"""
