app_name = "posting"
urlpatterns = []
